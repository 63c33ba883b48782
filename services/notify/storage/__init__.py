"""The tables of notify."""
