"""What mediation prints: the settlement agreement and the session record."""
