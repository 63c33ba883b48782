"""Rendering, freezing, signing and sealing in processes of their own, which ask identity for certificates and time stamps.

What runs in a process gets everything by value: identity's address, this service's token, the time. Keys are made there
and never leave it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.common.documents.document import RenderedDocument
from services.common.kernel.clock import Clock
from services.common.rpc.client import ServiceCredential
from services.common.signing.authority_client import AuthorityAccess, AuthorityClient, SlotBinding
from services.common.signing.freeze import FrozenDocument, freeze
from services.common.signing.keys import SigningIdentity, obtain_identity
from services.common.signing.pool import SigningPool
from services.common.signing.seal import seal
from services.common.signing.sign import StampText, sign_slot
from services.common.signing.slots import FREEZE_FIELD, RECORD_SEAL, Slot
from services.mediation.application.ports import FrozenBytes, PlacedSlot, RecordTask, Signed, SigningTask

Render = Callable[[bytes], RenderedDocument]
"""A function of a module, so that a process can be told of it."""


@dataclass(frozen=True, slots=True)
class FreezeTask:
    """What is to be rendered and frozen."""

    render: Render
    data_file: bytes
    subject: str
    document_number: str


class ProcessSignatures:
    """Implements ``application.ports.Signatures``."""

    def __init__(
        self,
        pool: SigningPool,
        address: str,
        credential: ServiceCredential,
        clock: Clock,
        render_settlement: Render,
        render_record: Render,
    ) -> None:
        self._pool = pool
        self._address = address
        self._credential = credential
        self._clock = clock
        self._render_settlement = render_settlement
        self._render_record = render_record

    async def freeze(self, terms_file: bytes, subject: str, document_number: str) -> FrozenBytes:
        """The frozen document with the places of its slots. Raises UNPRINTABLE_CHARACTER, IDENTITY_UNREACHABLE."""
        task = FreezeTask(self._render_settlement, terms_file, subject, document_number)
        return await self._pool.run(_freeze, task, await self._access(), self._clock.now())

    async def sign(self, task: SigningTask) -> Signed:
        """The document with one more signature. Raises UNAVAILABLE when it shall be tried again."""
        return await self._pool.run(_sign, task, await self._access(), self._clock.now())

    async def seal_record(self, task: RecordTask) -> bytes:
        """The session record rendered, frozen and sealed. Raises UNAVAILABLE when it shall be tried again."""
        freezing = FreezeTask(self._render_record, task.record_file, task.subject, task.document_number)
        return await self._pool.run(_seal_record, freezing, task, await self._access(), self._clock.now())

    async def _access(self) -> AuthorityAccess:
        return AuthorityAccess(self._address, await self._credential.metadata())


def _freeze(task: FreezeTask, access: AuthorityAccess, now: datetime) -> FrozenBytes:
    rendered, key, frozen = _frozen(task, AuthorityClient(access), now)
    placed = tuple(PlacedSlot(slot=area.slot, page=area.page, box=area.box) for area in rendered.areas)
    return FrozenBytes(content=frozen.content, fingerprint=_fingerprint(key), slots=placed)


def _sign(task: SigningTask, access: AuthorityAccess, now: datetime) -> Signed:
    authority = AuthorityClient(access)
    binding = SlotBinding(
        subject=task.subject,
        slot=task.slot,
        document_number=task.document_number,
        proof=task.proof,
        organisation=task.organisation,
    )
    key = obtain_identity(authority.issuer(binding))
    left, bottom, right, top = task.box
    slot = Slot(task.slot, task.page, (left, bottom, right, top))
    stamp = StampText(task.headline, task.lines)
    if task.seal:
        content = seal(task.content, slot, key, stamp, authority, authority, authority.roots(), now)
    else:
        content = sign_slot(task.content, slot, key, stamp, authority, now)
    return Signed(content=content, fingerprint=_fingerprint(key), sign_time=now)


def _seal_record(freezing: FreezeTask, task: RecordTask, access: AuthorityAccess, now: datetime) -> bytes:
    """Frozen and sealed at once: nobody signs between."""
    authority = AuthorityClient(access)
    rendered, _, frozen = _frozen(freezing, authority, now)
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
    stamp = StampText(task.headline, task.lines)
    reason = "笔录盖章 Session record sealed"
    return seal(frozen.content, slot, key, stamp, authority, authority, authority.roots(), now, reason=reason)


def _frozen(
    task: FreezeTask, authority: AuthorityClient, now: datetime
) -> tuple[RenderedDocument, SigningIdentity, FrozenDocument]:
    rendered = task.render(task.data_file)
    binding = SlotBinding(subject=task.subject, slot=FREEZE_FIELD, document_number=task.document_number, freezing=True)
    key = obtain_identity(authority.issuer(binding))
    slots = [Slot(area.slot, area.page, area.box) for area in rendered.areas]
    return rendered, key, freeze(rendered.content, slots, key, authority, now)


def _fingerprint(key: SigningIdentity) -> bytes:
    return hashlib.sha256(key.chain[0]).digest()
