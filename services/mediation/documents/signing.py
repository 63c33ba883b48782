"""What runs in a worker process: rendering and freezing, signing, sealing a session record.

Everything comes by value: identity's address, this service's token, the time. Keys are made here and never leave.
Repeating any of it is harmless: what it makes counts only once its caller has stored and recorded it.
"""

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from services.common.documents.document import RenderedDocument
from services.common.papers import render_paper
from services.common.signing import manifest
from services.common.signing.authority_client import AuthorityAccess, AuthorityClient, SlotBinding
from services.common.signing.freeze import FrozenDocument, freeze
from services.common.signing.keys import SigningIdentity, obtain_identity
from services.common.signing.seal import seal
from services.common.signing.sign import StampText, sign_slot
from services.common.signing.slots import FREEZE_FIELD, RECORD_SEAL, Slot
from services.mediation.application.ports import FrozenBytes, PlacedSlot, RecordTask, Signed, SigningTask


def freeze_settlement(
    access: AuthorityAccess, terms_file: bytes, subject: str, document_number: str, now: datetime
) -> FrozenBytes:
    """The settlement rendered and frozen, with the places of its slots."""
    rendered = render_paper(terms_file)
    key, frozen = _frozen(AuthorityClient(access), rendered, subject, document_number, now)
    placed = tuple(PlacedSlot(slot=area.slot, page=area.page, box=area.box) for area in rendered.areas)
    return FrozenBytes(content=frozen.content, fingerprint=_fingerprint(key), slots=placed)


def sign(access: AuthorityAccess, task: SigningTask, now: datetime) -> Signed:
    """The document with one more signature; the seal also closes it for the archive."""
    authority = AuthorityClient(access)
    binding = SlotBinding(
        subject=task.subject,
        slot=task.slot,
        document_number=task.document_number,
        proof=task.proof,
        signer=manifest.Signer(signer.name, signer.on_behalf_of, signer.title) if (signer := task.signer) else None,
        organisation=task.organisation,
    )
    key = obtain_identity(authority.issuer(binding))
    left, bottom, right, top = task.box
    slot = Slot(task.slot, task.page, (left, bottom, right, top))
    stamp = StampText(task.headline, task.lines, ZoneInfo(task.zone))
    if task.seal:
        content = seal(task.content, slot, key, stamp, authority, authority, authority.roots(), now)
    else:
        content = sign_slot(task.content, slot, key, stamp, authority, now)
    return Signed(content=content, fingerprint=_fingerprint(key), sign_time=now)


def seal_record(access: AuthorityAccess, task: RecordTask, now: datetime) -> bytes:
    """The session record rendered, frozen and sealed at once: nobody signs between."""
    authority = AuthorityClient(access)
    rendered = render_paper(task.record_file)
    _, frozen = _frozen(authority, rendered, task.subject, task.document_number, now)
    binding = SlotBinding(
        subject=task.subject,
        slot=RECORD_SEAL,
        document_number=task.document_number,
        organisation=task.organisation,
        attesting=True,
    )
    key = obtain_identity(authority.issuer(binding))
    (area,) = rendered.areas
    slot = Slot(area.slot, area.page, area.box)
    stamp = StampText(task.headline, task.lines, ZoneInfo(task.zone))
    reason = "笔录盖章 Session record sealed"
    return seal(frozen.content, slot, key, stamp, authority, authority, authority.roots(), now, reason=reason)


def _frozen(
    authority: AuthorityClient, rendered: RenderedDocument, subject: str, document_number: str, now: datetime
) -> tuple[SigningIdentity, FrozenDocument]:
    binding = SlotBinding(subject=subject, slot=FREEZE_FIELD, document_number=document_number, freezing=True)
    key = obtain_identity(authority.issuer(binding))
    slots = [Slot(area.slot, area.page, area.box) for area in rendered.areas]
    return key, freeze(rendered.content, slots, key, authority, now)


def _fingerprint(key: SigningIdentity) -> bytes:
    return hashlib.sha256(key.chain[0]).digest()
