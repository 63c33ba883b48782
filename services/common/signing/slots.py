"""Names that have a meaning in a signed file: the slots of signers, the field that froze it, the archive time stamp."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from services.common.kernel.errors import invalid

FREEZE_FIELD = "freeze"
ARCHIVE_FIELD = "archive"
RECORD_SEAL = "record-seal"
"""The organisation's seal on a session record, which attests what the log holds; no keeper answers for it by a code."""
TERMS_FILE = "terms.json"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one signature: the field's name, the page (from 0), the box (left, bottom, right, top) in points.

    Without a box the signature is invisible.
    """

    name: str
    page: int = 0
    box: tuple[int, int, int, int] | None = None


def binding_uri(document_number: str, slot: str) -> str:
    """The alternative name by which a certificate is good for one slot of one document and for no other."""
    return f"comity:document/{quote(document_number, safe='')}/slot/{quote(slot, safe='')}"


def require_names(names: Sequence[str]) -> None:
    """MALFORMED_SLOTS (INVALID) unless there is a slot and all are distinct, well formed and not reserved."""
    well_formed = all(_NAME.fullmatch(name) and name not in (FREEZE_FIELD, ARCHIVE_FIELD) for name in names)
    if not names or not well_formed or len(set(names)) != len(names):
        raise invalid(
            "MALFORMED_SLOTS", "签名栏名称有误", "slot names must be distinct, short, lower-case and not reserved"
        )
