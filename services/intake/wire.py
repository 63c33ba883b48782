"""How intake writes names and particulars into messages, shared by transport and messaging."""

from comity.common.v1 import party_pb2

from services.common.convert import Converter, enum_number
from services.intake.domain.values import PartyKind, PrivateParticulars

REFERENCES = {
    "matter": "matters",
    "organisation": "organisations",
    "party": "parties",
    "complainant": "parties",
    "account": "accounts",
    "officer": "accounts",
    "report": "pressureReports",
}
CONVERTER = Converter(REFERENCES, {"Matter": "matters", "Party": "parties", "PressureReport": "pressureReports"})

_KIND = party_pb2.PartyKind.DESCRIPTOR


def particulars(kind: PartyKind, display_name: str, private: PrivateParticulars) -> party_pb2.PartyParticulars:
    """The particulars in full."""
    message = CONVERTER.write(private, party_pb2.PartyParticulars)
    message.display_name = display_name
    message.kind = enum_number(_KIND, kind)  # type: ignore[assignment]
    return message
