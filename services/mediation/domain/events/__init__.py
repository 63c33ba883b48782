"""What happened in mediation, a module for each aggregate; the fields are those of ``mediation_events.proto``."""
