"""What a court, a window, an application, a ruling and a referral are. Pure."""
