"""The documents that a court issues here."""
