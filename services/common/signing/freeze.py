"""Freezing: every signature field is laid out, then a certification by the document key closes the text.

What comes after can only fill those fields. The digest of the frozen bytes is what people are shown, what their codes
are bound to, and what every later revision begins with. The bytes are stored: making them again gives other bytes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
)
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

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
from services.common.signing.slots import FREEZE_FIELD, Slot, require_names
from services.common.signing.trust_settings import DIGEST


@dataclass(frozen=True, slots=True)
class FrozenDocument:
    """The bytes and their SHA-256 in hexadecimal, the frozen digest."""

    content: bytes
    sha256: str


def freeze(
    pdf: bytes, slots: Sequence[Slot], document_key: SigningIdentity, timestamp_source: TimestampSource, now: datetime
) -> FrozenDocument:
    """Adds a field per slot, the last being the seal, and certifies (ISO 32000-2, 12.8.2.2: only forms may be filled).

    ``pdf`` already carries its attached terms. The document key has no legal meaning and commits nobody. Raises
    MALFORMED_SLOTS; OSError when the timestamp authority cannot be reached.
    """
    require_names([slot.name for slot in slots])

    def prepare() -> tuple[PdfSigner, RevisionWriter]:
        writer = RevisionWriter(pdf)
        for slot in slots:
            append_signature_field(writer, _field(slot, seal=slot is slots[-1]))
        return _certifier(document_key, timestamp_source, now), writer

    content = sign_reserved(prepare)
    return FrozenDocument(content, hashlib.sha256(content).hexdigest())


def _field(slot: Slot, *, seal: bool) -> SigFieldSpec:
    """The seal locks every field and forbids all further change but archival time stamps."""
    return SigFieldSpec(
        slot.name,
        on_page=slot.page,
        box=slot.box,
        field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL) if seal else None,
        doc_mdp_update_value=MDPPerm.NO_CHANGES if seal else None,
    )


def _certifier(document_key: SigningIdentity, timestamp_source: TimestampSource, now: datetime) -> PdfSigner:
    metadata = PdfSignatureMetadata(
        field_name=FREEZE_FIELD,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.FILL_FORMS,
        reason="文本固化 Document frozen",
    )
    return ClockedSigner(
        now,
        metadata,
        cms_signer(document_key),
        timestamper=PortTimeStamper(timestamp_source),
        stamp_style=stamp_style(None, 0, 0),
        new_field_spec=SigFieldSpec(FREEZE_FIELD),
    )
