"""What can be done with matters, one use case per file."""
