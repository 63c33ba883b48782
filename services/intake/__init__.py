"""Intake: from the first complaint to the forwarding of a matter, and back to its closing call."""
