"""What identity proves of somebody who signs."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A verified proof for one signature. ``token_id`` is to be spent in the transaction that uses it."""

    account: UUID
    subject: str
    digest: bytes
    token_id: str
