"""Ways to a person: mail, text message, webhook."""
