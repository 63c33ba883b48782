"""Tables, repositories and the transaction of this service."""
