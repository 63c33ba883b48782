"""Identity: who people and organisations are, and the certificates they sign with."""
