"""The verbs of ``comity``."""
