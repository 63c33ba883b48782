"""What every service does when identity revokes tokens."""

from collections.abc import Mapping
from typing import Any

from comity.identity.v1 import identity_events_pb2 as pb

from services.common.messaging.consumer import Envelope, Reaction
from services.common.storage.revocations import Revocations
from services.common.storage.transaction import Transaction


async def _tokens_revoked(tx: Transaction, event: pb.AccountTokensRevoked, _envelope: Envelope, _prepared: Any) -> None:
    await Revocations(tx).add(event.session or event.account, event.generation)


REVOCATIONS: Mapping[str, Reaction[Any]] = {
    "account.tokens_revoked": Reaction(pb.AccountTokensRevoked, _tokens_revoked)
}
"""Part of a service's reactions to identity."""
