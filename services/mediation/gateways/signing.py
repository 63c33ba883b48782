"""Rendering, freezing and signing in processes of their own, which ask identity for certificates and time stamps.

What runs in a process gets everything by value: identity's address, this service's token, the time. Keys are made there
and never leave it.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import grpc
from comity.identity.v1 import identity_service_pb2 as pb
from comity.identity.v1.identity_service_pb2_grpc import IdentityServiceStub

from services.common.documents.document import RenderedDocument
from services.common.kernel.clock import Clock
from services.common.rpc.client import CALL_SECONDS, ServiceCredential
from services.common.rpc.errors import refusal_of
from services.common.signing.freeze import freeze
from services.common.signing.keys import obtain_identity
from services.common.signing.pool import SigningPool
from services.common.signing.ports import Issued, RevocationData
from services.common.signing.seal import seal
from services.common.signing.sign import StampText, sign_slot
from services.common.signing.slots import FREEZE_FIELD, Slot
from services.mediation.application.ports import FrozenBytes, PlacedSlot, Signed, SigningTask


@dataclass(frozen=True, slots=True)
class Access:
    """How a signing process reaches identity."""

    address: str
    metadata: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FreezeTask:
    """What is to be rendered and frozen; ``render`` is a function of a module."""

    render: Callable[[bytes], RenderedDocument]
    terms_file: bytes
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
        render: Callable[[bytes], RenderedDocument],
    ) -> None:
        self._pool = pool
        self._address = address
        self._credential = credential
        self._clock = clock
        self._render = render

    async def freeze(self, terms_file: bytes, subject: str, document_number: str) -> FrozenBytes:
        """The frozen document with the places of its slots. Raises UNPRINTABLE_CHARACTER, IDENTITY_UNREACHABLE."""
        task = FreezeTask(self._render, terms_file, subject, document_number)
        return await self._pool.run(_freeze, task, await self._access(), self._clock.now())

    async def sign(self, task: SigningTask) -> Signed:
        """The document with one more signature. Raises UNAVAILABLE when it shall be tried again."""
        return await self._pool.run(_sign, task, await self._access(), self._clock.now())

    async def _access(self) -> Access:
        return Access(self._address, await self._credential.metadata())


class _Identity:
    """Identity as the ports of signing see it, from inside a process."""

    def __init__(self, access: Access, certificate: pb.IssueCertificateRequest) -> None:
        self._stub = _stub(access.address)
        self._metadata = access.metadata
        self._certificate = certificate

    def issue(self, request_der: bytes) -> Issued:
        request = pb.IssueCertificateRequest()
        request.CopyFrom(self._certificate)
        request.certificate_request = request_der
        return Issued(tuple(self._call(self._stub.IssueCertificate, request).chain))

    def timestamp(self, request_der: bytes) -> bytes:
        return bytes(self._call(self._stub.CreateTimestamp, pb.CreateTimestampRequest(request=request_der)).response)

    def revocation(self, certificates: Sequence[bytes]) -> RevocationData:
        found = self._call(self._stub.GetRevocationData, pb.GetRevocationDataRequest(certificates=certificates))
        return RevocationData(tuple(found.ocsp_responses), tuple(found.revocation_lists))

    def roots(self) -> tuple[bytes, ...]:
        return tuple(self._call(self._stub.GetTrustAnchors, pb.GetTrustAnchorsRequest()).certificates)

    def _call(self, method: Any, request: Any) -> Any:
        """The answer, or its refusal as a DomainError, which crosses between processes."""
        try:
            return method(request, metadata=self._metadata, timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            raise refusal_of(error) from None  # type: ignore[arg-type] # a synchronous call's error says as much


@cache
def _stub(address: str) -> Any:
    return IdentityServiceStub(grpc.insecure_channel(address))


def _freeze(task: FreezeTask, access: Access, now: datetime) -> FrozenBytes:
    rendered = task.render(task.terms_file)
    wanted = pb.IssueCertificateRequest(
        subject=task.subject, slot=FREEZE_FIELD, document_number=task.document_number, freezing=True
    )
    identity = _Identity(access, wanted)
    key = obtain_identity(identity)
    slots = [Slot(area.slot, area.page, area.box) for area in rendered.areas]
    frozen = freeze(rendered.content, slots, key, identity, now)
    placed = tuple(PlacedSlot(slot=area.slot, page=area.page, box=area.box) for area in rendered.areas)
    return FrozenBytes(content=frozen.content, fingerprint=hashlib.sha256(key.chain[0]).digest(), slots=placed)


def _sign(task: SigningTask, access: Access, now: datetime) -> Signed:
    wanted = pb.IssueCertificateRequest(
        subject=task.subject,
        slot=task.slot,
        document_number=task.document_number,
        proof=task.proof,
        organisation=task.organisation,
    )
    identity = _Identity(access, wanted)
    key = obtain_identity(identity)
    left, bottom, right, top = task.box
    slot = Slot(task.slot, task.page, (left, bottom, right, top))
    stamp = StampText(task.headline, task.lines)
    if task.seal:
        content = seal(task.content, slot, key, stamp, identity, identity, identity.roots(), now)
    else:
        content = sign_slot(task.content, slot, key, stamp, identity, now)
    return Signed(content=content, fingerprint=hashlib.sha256(key.chain[0]).digest(), sign_time=now)
