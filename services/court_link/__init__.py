"""From an effective agreement to the court's ruling, and from a court's referral to a case."""
