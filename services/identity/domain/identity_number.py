"""The one spelling of an identity number."""

import re


def normalised_identity_number(text: str) -> str:
    """An identity card, passport or credit code number without spaces, dots and dashes, in capitals."""
    return re.sub(r"[\s.\-·]", "", text).upper()
