"""What the use cases need: the unit of work with its repositories, and what answers from outside."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

from services.common.deadlines import Extension, Owner, RuleBook
from services.common.kernel.events import Aggregate
from services.common.kernel.principal import Principal
from services.common.regimes import RegimeBook
from services.mediation.domain.agreement import Agreement
from services.mediation.domain.case import Case
from services.mediation.domain.item import Item
from services.mediation.domain.mediator import Mediator
from services.mediation.domain.offer import Offer, OfferResponse
from services.mediation.domain.parties import Signer
from services.mediation.domain.session import Session
from services.mediation.domain.session_record import SessionRecord
from services.mediation.domain.signing_round import SigningRound

A = TypeVar("A", bound=Aggregate)


class Store(Protocol[A]):
    """Aggregates of one kind, as far as the caller may see them."""

    async def get(self, id: UUID, version: int | None = None, *, lock: bool = False) -> A: ...
    async def find(self, *, lock: bool = False, **columns: UUID | str) -> A | None: ...
    async def page(self, *, limit: int, after: UUID | None = None, **columns: UUID | str) -> list[A]: ...
    async def all(self, *, at_once: int = 500, **columns: UUID | str) -> list[A]: ...
    async def add(self, aggregate: A) -> A: ...
    async def save(self, aggregate: A) -> A: ...


class Items(Store[Item], Protocol):
    """Items also by where they lie."""

    async def on_shelves(self, case_id: UUID, shelves: Sequence[str], after: UUID | None, size: int) -> list[Item]: ...


class Clock(Protocol):
    """A running deadline."""

    @property
    def due_date(self) -> date: ...
    @property
    def due_time(self) -> datetime: ...
    @property
    def provisional(self) -> bool: ...
    def ended(self, now: datetime) -> bool: ...


class Clocks(Protocol):
    """The deadlines of this transaction."""

    async def start(
        self, rule_id: str, owner: Aggregate | Owner, aggregate_type: str, *, regime: str, anchor: datetime
    ) -> Clock: ...
    async def meet(self, aggregate_id: UUID, rule_id: str) -> None: ...
    async def cancel(self, aggregate_id: UUID, rule_id: str = "") -> None: ...
    async def extend(self, aggregate_id: UUID, rule_id: str, extension: Extension) -> Clock: ...
    async def pause(self, aggregate_id: UUID, reason: str) -> None: ...
    async def resume(self, aggregate_id: UUID) -> None: ...
    async def open_deadline(self, aggregate_id: UUID, rule_id: str) -> Clock | None: ...
    async def of(self, aggregate_id: UUID) -> Sequence[Any]: ...
    async def of_many(self, aggregate_ids: Sequence[UUID]) -> dict[UUID, Any]: ...


class Work(Protocol):
    """One transaction of mediation: leaving it commits everything or nothing."""

    now: datetime
    caller: Principal
    authority: str

    @property
    def regimes(self) -> RegimeBook: ...
    @property
    def rulebook(self) -> RuleBook: ...
    @property
    def deadlines(self) -> Clocks: ...
    @property
    def mediators(self) -> Store[Mediator]: ...
    @property
    def cases(self) -> Store[Case]: ...
    @property
    def sessions(self) -> Store[Session]: ...
    @property
    def records(self) -> Store[SessionRecord]: ...
    @property
    def items(self) -> Items: ...
    @property
    def offers(self) -> Store[Offer]: ...
    @property
    def agreements(self) -> Store[Agreement]: ...
    @property
    def rounds(self) -> Store[SigningRound]: ...
    @property
    def administered(self) -> list[UUID]: ...

    def new_id(self) -> UUID: ...
    def enqueue(
        self, kind: str, payload: dict[str, Any], *, key: str = "", delay: timedelta = timedelta(0)
    ) -> None: ...
    def elevated(self) -> AbstractAsyncContextManager[None]: ...
    async def book(self, session_id: UUID, resources: Sequence[str], start: datetime, end: datetime) -> None: ...
    async def unbook(self, session_id: UUID) -> None: ...
    async def next_number(self, kind: str, organisation: UUID, year: int) -> int: ...
    async def next_offer_number(self, case_id: UUID) -> int: ...
    async def responses(self, offer_ids: Sequence[UUID]) -> dict[UUID, tuple[OfferResponse, ...]]: ...
    async def add_response(self, response: OfferResponse, *, revealed: bool) -> None: ...
    async def spend_proof(self, jti: str, round_id: UUID, slot: str, proof: str) -> None: ...
    async def forget_proof(self, round_id: UUID, slot: str) -> None: ...
    async def keep_dossier(self, digest: bytes, kind: str, subject: UUID, content: bytes) -> None: ...
    async def note_document(self, digest: bytes, kind: str, subject: UUID) -> None: ...
    async def document_kind(self, digest: bytes) -> str: ...
    async def dossier(self, digest: bytes, kind: str, subject: UUID) -> bytes | None: ...
    async def keep_binding(self, origin: str, party: UUID, account: UUID) -> None: ...
    async def bindings(self, origin: str) -> dict[UUID, UUID]: ...
    async def list_cases(self, *, state: str, limit: int, before: UUID | None) -> list[Case]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedSlot:
    """Where a slot lies in the frozen document."""

    slot: str
    page: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A frozen document in the object store; digests are raw SHA-256."""

    digest: bytes
    fingerprint: bytes
    slots: tuple[PlacedSlot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenBytes:
    """A frozen document: the fingerprint of the document key's certificate, and where its slots lie."""

    content: bytes
    fingerprint: bytes
    slots: tuple[PlacedSlot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeTask:
    """What is drawn and frozen: ``terms_file`` is all that it says, ``owner`` whose turn among others it takes."""

    terms_file: bytes
    subject: str
    document_number: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A document with one more signature, made at ``sign_time`` (UTC) with the certificate of this fingerprint."""

    content: bytes
    fingerprint: bytes
    sign_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningTask:
    """What the signing process needs for one signature: by a ``signer``, or by the ``organisation`` whose seal it is."""

    content: bytes
    subject: str
    slot: str
    page: int
    box: tuple[int, ...]
    document_number: str
    proof: str
    signer: Signer | None
    organisation: str
    headline: str
    lines: tuple[str, ...]
    zone: str
    seal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTask:
    """What the drawing process needs to make and seal a session record; ``record_file`` is all that it says."""

    record_file: bytes
    subject: str
    document_number: str
    organisation: str
    headline: str
    lines: tuple[str, ...]
    zone: str
    owner: str


class Signatures(Protocol):
    """The worker processes. Raises DomainError (UNAVAILABLE) when identity cannot be reached.

    What is frozen, and the digest of a sealed record, stand for bytes that are in the object store already.
    """

    async def freeze(self, task: FreezeTask) -> Frozen: ...
    async def sign(self, task: SigningTask) -> Signed: ...
    async def seal_record(self, task: RecordTask) -> bytes: ...


class Objects(Protocol):
    """The store of immutable documents."""

    def put(self, content: bytes) -> str: ...
    def get(self, digest: str) -> bytes: ...
