"""Rows, repositories and migrations of mediation, and the row-level security that keeps compartments apart."""
