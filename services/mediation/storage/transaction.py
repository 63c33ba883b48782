"""The unit of work of mediation, with its repositories."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.common.kernel.principal import Principal, Role
from services.common.storage.statement import selecting_many
from services.common.storage.transaction import EventEncoder, LawBooks, Transaction
from services.mediation.domain import errors
from services.mediation.domain.agreement import Agreement
from services.mediation.domain.case import Case
from services.mediation.domain.mediator import Mediator
from services.mediation.domain.offer import Offer, OfferResponse
from services.mediation.domain.session import Session
from services.mediation.domain.session_record import SessionRecord
from services.mediation.domain.signing_round import SigningRound
from services.mediation.storage import kinds, tables
from services.mediation.storage.items import ItemRepository
from services.mediation.storage.repositories import CaseRepository, Repository

ADMINISTERING = (Role.CASE_ADMINISTRATOR, Role.SUPERVISOR, Role.SEAL_KEEPER)
_EXCLUSION_VIOLATION = "23P01"


class MediationTransaction(Transaction):
    """What a use case of mediation is given."""

    def __init__(self, encoder: EventEncoder, books: LawBooks, now: datetime, caller: Principal) -> None:
        super().__init__(encoder, books, now, caller)
        self.mediators = Repository(self, kinds.MEDIATORS, Mediator, lambda m: {"account": m.account})
        self.cases = CaseRepository(self, self.elevated)
        self.sessions = Repository(self, kinds.SESSIONS, Session, _session)
        self.records = Repository(self, kinds.SESSION_RECORDS, SessionRecord, _record)
        self.items = ItemRepository(self)
        self.offers = Repository(self, kinds.OFFERS, Offer, _offer)
        self.offer_responses = Repository(self, kinds.OFFER_RESPONSES, OfferResponse, _response)
        self.agreements = Repository(self, kinds.AGREEMENTS, Agreement, _of_case)
        self.rounds = Repository(self, kinds.SIGNING_ROUNDS, SigningRound, _round)

    @property
    def administered(self) -> list[UUID]:
        """The organisations whose cases the caller runs."""
        return [each for each, roles in self.caller.roles.items() if not roles.isdisjoint(ADMINISTERING)]

    def viewed_by(self) -> dict[str, str]:
        """As the base says, and the organisations whose cases the caller runs, or arranges the sessions of."""
        organised = [each for each, roles in self.caller.roles.items() if Role.CASE_ADMINISTRATOR in roles]
        return {
            **super().viewed_by(),
            "comity.administered": ",".join(map(str, self.administered)),
            "comity.organised": ",".join(map(str, organised)),
        }

    # Calendars.

    async def book(self, session_id: UUID, resources: Sequence[str], start: datetime, end: datetime) -> None:
        """Takes the time of every resource, giving up what the session had. Raises SLOT_TAKEN."""
        rows = [{"resource": each, "start": start, "end": end, "session": session_id} for each in sorted(resources)]
        async with self.elevated():
            await self.connection.execute(_UNBOOK, {"session": session_id})
            for row in rows:
                # Two who insert at once would otherwise wait for each other's row: a deadlock instead of an answer.
                await self.connection.execute(_LOCK_RESOURCE, {"resource": row["resource"]})
            try:
                if rows:
                    await self.connection.execute(_BOOK, rows)
            except IntegrityError as error:
                if getattr(error.orig, "sqlstate", "") == _EXCLUSION_VIOLATION:
                    raise errors.slot_taken() from None
                raise

    async def unbook(self, session_id: UUID) -> None:
        async with self.elevated():
            await self.connection.execute(_UNBOOK, {"session": session_id})

    # Numbers.

    async def next_number(self, kind: str, organisation: UUID, year: int) -> int:
        """The organisation's next of the year, from 1 on; given back when the transaction comes to nothing."""
        async with self.elevated():
            return int(await self.driver.fetchval(_NEXT_NUMBER, organisation, kind, year))

    async def next_offer_number(self, case_id: UUID) -> int:
        """Counted under the lock of the case, so that numbers follow each other."""
        query = select(func.coalesce(func.max(tables.offers.c.number), 0)).where(tables.offers.c.case_id == case_id)
        return int((await self.connection.execute(query)).scalar_one()) + 1

    # Answers to offers.

    async def responses(self, offer_ids: Sequence[UUID]) -> dict[UUID, tuple[OfferResponse, ...]]:
        """What the viewer may see of the answers to these offers."""
        rows = await selecting_many(tables.offer_responses, "offer_id").rows(self.driver, wanted=list(offer_ids))
        found: dict[UUID, tuple[OfferResponse, ...]] = {}
        for response in sorted(map(self.offer_responses.build, rows), key=lambda each: (each.respond_time, each.id)):
            found[response.offer_id] = (*found.get(response.offer_id, ()), response)
        return found

    async def add_response(self, response: OfferResponse, *, revealed: bool) -> None:
        """Keeps an answer; ``revealed`` lets the other parties see all answers to the offer from now on."""
        table = tables.offer_responses
        async with self.elevated():
            await self.offer_responses.add(response)
            if revealed:
                answers = table.c.offer_id == response.offer_id
                await self.connection.execute(update(table).where(answers).values(revealed=True))

    # Proofs and signing.

    async def spend_proof(self, jti: str, round_id: UUID, slot: str, proof: str) -> None:
        """Raises PROOF_SPENT for the second use, however many come at once. Keeps the proof until it is signed with."""
        async with self.elevated():
            spent = await self.connection.execute(
                _SPEND, {"jti": jti, "round": round_id, "slot": slot, "now": self.now}
            )
            if spent.rowcount != 1:
                raise errors.proof_spent()
            kept = insert(tables.signing_acts).values(round_id=round_id, slot=slot, proof=proof)
            kept = kept.on_conflict_do_update(index_elements=["round_id", "slot"], set_={"proof": proof})
            await self.connection.execute(kept)

    async def kept_proof(self, round_id: UUID, slot: str) -> str:
        table = tables.signing_acts
        query = select(table.c.proof).where(table.c.round_id == round_id, table.c.slot == slot)
        return str((await self.connection.execute(query)).scalar_one_or_none() or "")

    async def forget_proof(self, round_id: UUID, slot: str) -> None:
        await self.connection.execute(_FORGET, {"round": round_id, "slot": slot})

    async def lease_round(self, round_id: UUID, token: UUID, length: timedelta) -> bool:
        """Whether this worker may append to the round's file now; a lapsed lease is taken over."""
        taken = await self.connection.execute(
            _LEASE, {"round": round_id, "token": token, "now": self.now, "until": self.now + length}
        )
        return taken.rowcount == 1

    async def end_lease(self, round_id: UUID, token: UUID) -> None:
        await self.connection.execute(_END_LEASE, {"round": round_id, "token": token})

    # Documents and dossiers.

    async def keep_dossier(self, digest: bytes, kind: str, subject: UUID, content: bytes) -> None:
        async with self.elevated():
            row = {"digest": digest, "kind": kind, "subject": subject, "bytes": content}
            await self.connection.execute(insert(tables.dossiers).values(row).on_conflict_do_nothing())

    async def dossier(self, digest: bytes, kind: str, subject: UUID) -> bytes | None:
        table = tables.dossiers
        query = select(table.c.bytes).where(table.c.digest == digest, table.c.kind == kind, table.c.subject == subject)
        found = (await self.connection.execute(query)).scalar_one_or_none()
        return None if found is None else bytes(found)

    async def note_document(self, digest: bytes, kind: str, subject: UUID) -> None:
        """What a document of the object store is: only a noted one is ever given out by digest."""
        async with self.elevated():
            row = {"digest": digest, "kind": kind, "subject": subject, "create_time": self.now}
            await self.connection.execute(insert(tables.documents).values(row).on_conflict_do_nothing())

    async def document_kind(self, digest: bytes) -> str:
        query = select(tables.documents.c.kind).where(tables.documents.c.digest == digest)
        return str((await self.connection.execute(query)).scalar_one_or_none() or "")

    # People who joined before the case was there.

    async def keep_binding(self, origin: str, party: UUID, account: UUID) -> None:
        await self.connection.execute(_BIND, {"origin": origin, "party": party, "account": account})

    async def bindings(self, origin: str) -> dict[UUID, UUID]:
        rows = await self.connection.execute(_BINDINGS, {"origin": origin})
        return {row.party: row.account for row in rows}

    # Lists.

    async def list_cases(self, *, state: str, limit: int, before: UUID | None) -> list[Case]:
        """The caller's cases, newest first; the cost does not grow with the number of other cases."""
        values = {
            "me": self.caller.account_id,
            "administered": self.administered,
            "state": state,
            "limit": limit,
            "before": before or UUID(int=2**128 - 1),
        }
        ids = [row.id for row in await self.connection.execute(_LIST_CASES, values)]
        found = await self.cases.of_ids(ids)
        return [found[each] for each in ids if each in found]


def _of_case(aggregate: Agreement) -> dict[str, object]:
    return {"case_id": aggregate.case_id, "state": aggregate.state.name}


def _session(session: Session) -> dict[str, object]:
    return {
        "case_id": session.case_id,
        "state": session.state.name,
        "caucus_party": session.caucus_party,
        "mediator_account": session.mediator_account,
    }


def _record(record: SessionRecord) -> dict[str, object]:
    return {
        "case_id": record.case_id,
        "session_id": record.session_id,
        "state": record.state.name,
        "caucus_party": record.caucus_party,
        "mediator_account": record.mediator_account,
    }


def _offer(offer: Offer) -> dict[str, object]:
    return {"case_id": offer.case_id, "number": offer.number, "state": offer.state.name}


def _response(response: OfferResponse) -> dict[str, object]:
    return {"case_id": response.case_id, "offer_id": response.offer_id, "party": response.party}


def _round(signing_round: SigningRound) -> dict[str, object]:
    return {
        "case_id": signing_round.case_id,
        "agreement_id": signing_round.agreement_id,
        "state": signing_round.state.name,
    }


_UNBOOK = text("DELETE FROM bookings WHERE session_id = :session")
_LOCK_RESOURCE = text("SELECT pg_advisory_xact_lock(hashtextextended(:resource, 0))")
_BOOK = text(
    "INSERT INTO bookings (resource, during, session_id) VALUES (:resource, tstzrange(:start, :end, '[)'), :session)"
)
_SPEND = text(
    "INSERT INTO spent_proofs (jti, round_id, slot, spend_time) VALUES (:jti, :round, :slot, :now) ON CONFLICT DO NOTHING"
)
_FORGET = text("DELETE FROM signing_acts WHERE round_id = :round AND slot = :slot")
_LEASE = text(
    "INSERT INTO round_leases (round_id, token, until) VALUES (:round, :token, :until)"
    " ON CONFLICT (round_id) DO UPDATE SET token = :token, until = :until"
    " WHERE round_leases.until <= :now OR round_leases.token = :token"
)
_END_LEASE = text("DELETE FROM round_leases WHERE round_id = :round AND token = :token")
_BIND = text(
    "INSERT INTO early_bindings (origin, party, account) VALUES (:origin, :party, :account)"
    " ON CONFLICT (origin, party) DO UPDATE SET account = :account"
)
_BINDINGS = text("SELECT party, account FROM early_bindings WHERE origin = :origin")
_LIST_CASES = text(
    """
    SELECT id FROM (
        (SELECT DISTINCT c.id FROM case_members m JOIN cases c ON c.id = m.case_id
         WHERE m.account = :me AND m.role <> 'RECUSED' AND m.case_id < :before AND (:state = '' OR c.state = :state)
         ORDER BY c.id DESC LIMIT :limit)
        UNION
        (SELECT id FROM cases
         WHERE organisation_id = ANY (:administered) AND id < :before AND (:state = '' OR state = :state)
         ORDER BY id DESC LIMIT :limit)
    ) mine ORDER BY id DESC LIMIT :limit
    """
).bindparams(bindparam("administered"))


_NEXT_NUMBER = """
    INSERT INTO running_numbers (organisation_id, kind, year, last) VALUES ($1, $2, $3, 1)
    ON CONFLICT (organisation_id, kind, year) DO UPDATE SET last = running_numbers.last + 1
    RETURNING last
    """
