"""What a notice, a manual task and a call-back are. Pure."""
