"""The rules of a matter. Pure."""
