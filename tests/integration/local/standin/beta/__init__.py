"""The stand-in `beta`."""
