"""The part of the runtime a domain may import: pure, standard library only."""
