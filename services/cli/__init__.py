"""The program ``comity``: a client of the public APIs, and the keeper of the embedded deployment."""
