"""Somebody presses a party (胁迫, 民法典第150条): what it says of that, at any step, without proof, to who looks after it.

A report is an aggregate of its own, so that no version, time or order of what the other side reads moves with it. Mediation
keeps it among its items, where the mediator's compartment is (``services/mediation/application/pressure.py``).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.kernel.events import Aggregate


@dataclass(slots=True, kw_only=True)
class PressureReport(Aggregate):
    """``subject`` is what it was said about. ``text`` is in the party's own words, and may be empty."""

    subject: UUID
    party: UUID
    account: UUID
    text: str
    create_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPressure:
    """What a party says of the matter, case or application with this id."""

    id: UUID
    party: UUID
    text: str
