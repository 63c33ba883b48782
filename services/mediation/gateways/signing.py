"""Drawing, freezing, signing and sealing in processes of their own, which ask identity for certificates and time stamps.

What runs in a process gets everything by value: identity's address, this service's token, the time. Keys are made there
and never leave it.
"""

import asyncio
import hashlib
from typing import TYPE_CHECKING

from services.common.documents.object_store import ObjectStore
from services.common.kernel.clock import Clock
from services.common.rpc.client import ServiceCredential
from services.common.signing.authority_client import AuthorityAccess
from services.common.signing.drawings import Paper
from services.common.signing.pool import WorkerModule
from services.common.signing.workers import Workers
from services.mediation.application.ports import FreezeTask, Frozen, RecordTask, Signed, SigningTask

if TYPE_CHECKING:
    from services.mediation.documents import signing
else:
    signing = WorkerModule("services.mediation.documents.signing")


class ProcessSignatures:
    """Implements ``application.ports.Signatures``."""

    def __init__(
        self, workers: Workers, objects: ObjectStore, address: str, credential: ServiceCredential, clock: Clock
    ) -> None:
        self._workers = workers
        self._objects = objects
        self._address = address
        self._credential = credential
        self._clock = clock

    async def freeze(self, task: FreezeTask) -> Frozen:
        """The frozen document with the places of its slots, drawn once for the same subject and text.

        Raises UNPRINTABLE_CHARACTER, IDENTITY_UNREACHABLE, PAPER_TOO_LARGE, DRAWINGS_BUSY.
        """

        async def draw() -> Frozen:
            access, now = await self._access(), self._clock.now()
            made = await self._workers.drawing.run(
                signing.freeze_settlement, access, task.terms_file, task.subject, task.document_number, now
            )
            await self._store(task.terms_file)
            return Frozen(digest=await self._store(made.content), fingerprint=made.fingerprint, slots=made.slots)

        async def still_there(frozen: Frozen) -> bool:
            await self._store(task.terms_file)
            return await asyncio.to_thread(self._objects.renew, frozen.digest.hex())

        return await self._workers.drawings.drawn(_paper(task.subject, task.owner, task.terms_file), draw, still_there)

    async def sign(self, task: SigningTask) -> Signed:
        """The document with one more signature. Raises UNAVAILABLE when it shall be tried again."""
        return await self._workers.signing.run(signing.sign, await self._access(), task, self._clock.now())

    async def seal_record(self, task: RecordTask) -> bytes:
        """The digest of the session record, drawn, frozen and sealed. Raises what ``freeze`` raises."""

        async def draw() -> bytes:
            access, now = await self._access(), self._clock.now()
            return await self._store(await self._workers.drawing.run(signing.seal_record, access, task, now))

        async def still_there(digest: bytes) -> bool:
            return await asyncio.to_thread(self._objects.renew, digest.hex())

        return await self._workers.drawings.drawn(_paper(task.subject, task.owner, task.record_file), draw, still_there)

    async def _store(self, content: bytes) -> bytes:
        return bytes.fromhex(await asyncio.to_thread(self._objects.put, content))

    async def _access(self) -> AuthorityAccess:
        return AuthorityAccess(self._address, await self._credential.metadata())


def _paper(subject: str, owner: str, data_file: bytes) -> Paper:
    """The subject stands for the number too: it names one round of one agreement, or one record."""
    return Paper(f"{subject} {hashlib.sha256(data_file).hexdigest()}", owner, len(data_file))
