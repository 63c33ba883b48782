"""Rendering, freezing, signing and sealing in processes of their own, which ask identity for certificates and time stamps.

What runs in a process gets everything by value: identity's address, this service's token, the time. Keys are made there
and never leave it.
"""

from typing import TYPE_CHECKING

from services.common.kernel.clock import Clock
from services.common.rpc.client import ServiceCredential
from services.common.signing.authority_client import AuthorityAccess
from services.common.signing.pool import SigningPool, WorkerModule
from services.mediation.application.ports import FrozenBytes, RecordTask, Signed, SigningTask

if TYPE_CHECKING:
    from services.mediation.documents import signing
else:
    signing = WorkerModule("services.mediation.documents.signing")


class ProcessSignatures:
    """Implements ``application.ports.Signatures``."""

    def __init__(self, pool: SigningPool, address: str, credential: ServiceCredential, clock: Clock) -> None:
        self._pool = pool
        self._address = address
        self._credential = credential
        self._clock = clock

    async def freeze(self, terms_file: bytes, subject: str, document_number: str) -> FrozenBytes:
        """The frozen document with the places of its slots. Raises UNPRINTABLE_CHARACTER, IDENTITY_UNREACHABLE."""
        access, now = await self._access(), self._clock.now()
        return await self._pool.run(signing.freeze_settlement, access, terms_file, subject, document_number, now)

    async def sign(self, task: SigningTask) -> Signed:
        """The document with one more signature. Raises UNAVAILABLE when it shall be tried again."""
        return await self._pool.run(signing.sign, await self._access(), task, self._clock.now())

    async def seal_record(self, task: RecordTask) -> bytes:
        """The session record rendered, frozen and sealed. Raises UNAVAILABLE when it shall be tried again."""
        return await self._pool.run(signing.seal_record, await self._access(), task, self._clock.now())

    async def _access(self) -> AuthorityAccess:
        return AuthorityAccess(self._address, await self._credential.metadata())
