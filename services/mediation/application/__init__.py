"""What the service does: one plain function for each act, given its transaction and a command."""
