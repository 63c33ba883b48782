"""The resource names that intake's messages use."""

from services.common.convert import Converter

REFERENCES = {
    "matter": "matters",
    "organisation": "organisations",
    "party": "parties",
    "account": "accounts",
    "officer": "accounts",
}
CONVERTER = Converter(REFERENCES, {"Matter": "matters", "Party": "parties"})
