"""What this service tells the others, and what it does about what they tell."""
