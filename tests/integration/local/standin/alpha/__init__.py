"""The stand-in `alpha`."""
