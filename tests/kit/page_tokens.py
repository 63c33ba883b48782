"""Page tokens as a caller may make them up, who has seen what they are made of."""

import base64


def page_token(*parts: str) -> str:
    """The list's name and the values of its key."""
    return base64.urlsafe_b64encode("\x00".join(parts).encode()).decode().rstrip("=")
