"""Mediation: a case from its opening to a sealed agreement or a termination with reasons."""
