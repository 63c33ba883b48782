"""What a case leaves on paper."""

from dataclasses import dataclass


@dataclass(slots=True)
class Papers:
    """What a finished journey leaves behind."""

    agreement: bytes = b""
    session_record: bytes = b""
    terms: bytes = b""
    ruling: bytes = b""
    agreement_name: str = ""
    effective: str = ""
    window: str = ""
    ruling_number: str = ""
