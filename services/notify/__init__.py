"""Notify: tells people what they must be told, keeps the evidence, and sees that they are called back."""
