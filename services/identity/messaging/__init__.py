"""What identity tells the other services."""
