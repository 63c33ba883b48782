"""One signature in one slot of a frozen document, PAdES B-T: with a time stamp by the authority, stamped visibly."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from services.common.documents.stamp import draw_stamp, local_time
from services.common.kernel.errors import precondition
from services.common.kernel.house import HOUSE_ZONE
from services.common.signing.keys import SigningIdentity
from services.common.signing.pdf_signer import (
    ClockedSigner,
    PortTimeStamper,
    RevisionWriter,
    cms_signer,
    sign_reserved,
    stamp_style,
)
from services.common.signing.ports import TimestampSource
from services.common.signing.slots import Slot
from services.common.signing.trust_settings import DIGEST


@dataclass(frozen=True, slots=True)
class StampText:
    """What the stamp says beside the certificate and the time, which is that of ``zone``.

    The signer's name in bold, then up to three lines.
    """

    headline: str
    lines: tuple[str, ...] = ()
    zone: ZoneInfo = HOUSE_ZONE


def sign_slot(
    pdf: bytes,
    slot: Slot,
    identity: SigningIdentity,
    stamp: StampText | None,
    timestamp_source: TimestampSource,
    now: datetime,
    *,
    reason: str = "",
) -> bytes:
    """The document with one more revision that carries the signature.

    ``now`` (aware UTC) is printed in the stamp and claimed as signing time; what proves the time is the
    time stamp. Raises UNKNOWN_SLOT, SLOT_ALREADY_SIGNED (FAILED_PRECONDITION), UNPRINTABLE_CHARACTER; OSError when the
    timestamp authority cannot be reached.
    """
    metadata = PdfSignatureMetadata(
        field_name=slot.name,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        reason=reason or None,
        # Says what the lock in the seal's own field says; it has no effect in a field without a lock.
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )

    def prepare() -> tuple[PdfSigner, RevisionWriter]:
        writer = RevisionWriter(pdf)
        _require_open(writer.prev, slot.name)
        style = stamp_style(_drawn(slot, identity, stamp, now), *_size(slot))
        timestamper = PortTimeStamper(timestamp_source)
        return ClockedSigner(now, metadata, cms_signer(identity), timestamper=timestamper, stamp_style=style), writer

    return sign_reserved(prepare, existing_fields_only=True)


def _require_open(reader: PdfFileReader, name: str) -> None:
    fields = {field: value for field, value, _ in enumerate_sig_fields(reader)}
    if name not in fields:
        raise precondition("UNKNOWN_SLOT", "文件中没有该签名栏", "the document has no such slot")
    if fields[name] is not None:
        raise precondition("SLOT_ALREADY_SIGNED", "该签名栏已签署", "the slot is already signed")


def _drawn(slot: Slot, identity: SigningIdentity, stamp: StampText | None, now: datetime) -> bytes | None:
    if slot.box is None or stamp is None:
        return None
    fingerprint = hashlib.sha256(identity.chain[0]).hexdigest()[:16]
    lines = (*stamp.lines, f"签署时间 {local_time(now, stamp.zone)}", f"证书指纹 SHA-256 {fingerprint}…")
    return draw_stamp(stamp.headline, lines, *_size(slot))


def _size(slot: Slot) -> tuple[float, float]:
    if slot.box is None:
        return 0, 0
    left, bottom, right, top = slot.box
    return right - left, top - bottom
