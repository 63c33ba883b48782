"""The embedded certificate and timestamp authority: pure cryptography, no clock, no storage but a key folder.

Self-issued, and every certificate says so in its names; a deployment with legal weight replaces both by configuration.
"""
