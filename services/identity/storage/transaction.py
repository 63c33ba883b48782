"""The transaction of identity, with its repositories."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete

from services.common.kernel.principal import Principal
from services.common.storage.revocations import Revocations
from services.common.storage.statement import selecting
from services.common.storage.tables import replies
from services.common.storage.transaction import EventEncoder, LawBooks, Transaction
from services.identity.storage.accounts import Accounts
from services.identity.storage.buckets import Buckets
from services.identity.storage.certificates import Certificates
from services.identity.storage.challenges import Challenges
from services.identity.storage.devices import Devices
from services.identity.storage.dossiers import Dossiers, EncodeCards
from services.identity.storage.invitations import Invitations
from services.identity.storage.organisations import Organisations
from services.identity.storage.sessions import Sessions
from services.identity.storage.setup_codes import SetupCodes


class IdentityTransaction(Transaction):
    """What a use case of identity is given."""

    def __init__(
        self,
        encoder: EventEncoder,
        books: LawBooks,
        now: datetime,
        caller: Principal,
        encode_cards: EncodeCards,
    ) -> None:
        super().__init__(encoder, books, now, caller)
        self.accounts = Accounts(self)
        self.organisations = Organisations(self)
        self.challenges = Challenges(self)
        self.buckets = Buckets(self)
        self.sessions = Sessions(self)
        self.devices = Devices(self)
        self.revocations = Revocations(self)
        self.invitations = Invitations(self)
        self.certificates = Certificates(self)
        self.dossiers = Dossiers(self, encode_cards)
        self.setup_codes = SetupCodes(self)

    def viewed_by(self) -> dict[str, str]:
        """As the base says, and that it is identity that decides about accounts."""
        return {**super().viewed_by(), "comity.holder": "identity"}

    async def answered(self, request_id: UUID) -> bool:
        """Whether a request of the caller with this id was answered before."""
        values = {"caller": self.caller.subject, "request_id": request_id}
        return await selecting(replies, ("caller", "request_id")).first(self.driver, **values) is not None

    async def forget_answer(self, request_id: UUID) -> None:
        """The answer turned out not to be true: the same request may be made again."""
        mine = (replies.c.caller == self.caller.subject) & (replies.c.request_id == request_id)
        await self.connection.execute(delete(replies).where(mine))
