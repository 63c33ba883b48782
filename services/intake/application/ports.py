"""What intake's use cases ask of the outside."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from services.intake.domain.lifecycle import MatterState
from services.intake.domain.matter import Matter
from services.intake.domain.values import Party

RequirePrintable = Callable[[str, str], str]
"""(text, field): the text, or a refusal that names the character no font prints."""

CreateInvitation = Callable[["InvitationRequest"], Awaitable[str]]
"""Creates the invitation at identity and gives its resource name; the same request id gives the same invitation."""


class DossierKind(Enum):
    """What a snapshot holds, and so who may pull it."""

    MATTER = "MATTER"
    CONTACTS = "CONTACTS"


@dataclass(frozen=True, slots=True)
class Dossier:
    """An immutable snapshot as bytes."""

    kind: DossierKind
    data: bytes

    @property
    def digest(self) -> bytes:
        """SHA-256 of the bytes, by which it is named."""
        return sha256(self.data).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRequest:
    """A party to be invited."""

    request_id: UUID
    matter: UUID
    party: Party


class FilingCapacity(Enum):
    """As whom somebody files: each is counted by itself."""

    PERSON = "PERSON"
    OFFICER = "OFFICER"
    IMPORT = "IMPORT"


@dataclass(frozen=True, slots=True)
class FilingRoom:
    """How many matters may be filed by somebody in one capacity on a day of the house."""

    filer: str
    capacity: FilingCapacity
    day: date
    quota: int


@dataclass(frozen=True, slots=True)
class ImportedAs:
    """The matter that a row of a register became."""

    matter: UUID
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTotal:
    """Imported matters of one state and currency; the currency is empty where no amount is claimed."""

    state: MatterState
    currency: str
    matters: int
    minor_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterFilter:
    """What a list shall hold: matters of these organisations, and the viewer's own."""

    organisations: list[UUID]
    own: bool
    state: MatterState | None = None
    officer: UUID | None = None


class DossierEncoder(Protocol):
    """Makes the snapshots that other services pull."""

    def matter(self, matter: Matter) -> Dossier: ...

    def contacts(self, matter: Matter) -> Dossier: ...


class OrganisationDirectory(Protocol):
    """What organisations are."""

    async def kind(self, organisation_id: UUID) -> str | None:
        """INTAKE, MEDIATION, COURT or PLATFORM; None when there is none. Raises UNAVAILABLE when nobody can say."""
        ...


class Numbers(Protocol):
    """Gives out the numbers of matters."""

    async def next(self, organisation_id: UUID, year: int) -> str:
        """``2026-000001``: unique within the organisation, rising, with gaps."""
        ...

    def give_back(self, organisation_id: UUID, year: int, number: str) -> None:
        """It was not used."""
        ...
