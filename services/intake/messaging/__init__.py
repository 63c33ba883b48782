"""Events of intake out, events of others in."""
