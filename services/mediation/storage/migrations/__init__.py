"""Migrations of mediation."""
