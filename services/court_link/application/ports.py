"""What the use cases need from outside, in their own words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.court_link.domain.agreement import SealedAgreement
from services.court_link.domain.application import Application


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingPackage:
    """What a court receives: the application with service addresses, and the agreement's file. Nothing else leaves."""

    application: Application
    agreement: SealedAgreement
    court: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The court's answer to a filing."""

    receipt_number: str
    receive_time: datetime


class CourtGateway(Protocol):
    """The way to a court's own system."""

    async def file(self, package: FilingPackage, key: str) -> Receipt:
        """Files once: the same key gives the same receipt, however often and from wherever it is called.

        Raises OSError or UNAVAILABLE when the court cannot be reached; then it is tried again.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationFacts:
    """What identity knows of an organisation."""

    is_court: bool
    mediates: bool
    sample: bool
    display_name: str


class Directory(Protocol):
    """Who organisations are, and who calls."""

    async def facts(self, organisation: UUID) -> OrganisationFacts:
        """Raises NOT_FOUND, or UNAVAILABLE when identity cannot be asked."""
        ...

    async def name_of_caller(self, context: Any) -> str:
        """The name of the person whose call is being answered. Raises UNAVAILABLE."""
        ...


class RequirePrintable(Protocol):
    """Refuses text that no document could print."""

    def __call__(self, text: str, field: str) -> object:
        """Raises UNPRINTABLE_CHARACTER (INVALID), naming the field."""
        ...
