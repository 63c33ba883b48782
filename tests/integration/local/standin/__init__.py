"""Tiny services that keep the contract of a real one, to test the suite before and apart from the real ones."""
