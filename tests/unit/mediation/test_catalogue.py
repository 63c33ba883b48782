"""Every event has its message, and what leaves the service names nobody."""

import dataclasses
import importlib
import pkgutil

import pytest
from comity.mediation.v1 import mediation_service_pb2
from comity.mediation.v1.mediation_service_pb2_grpc import MediationServiceServicer

from services.common.kernel.events import DomainEvent
from services.common.messaging.catalogue import EventKind
from services.common.storage.calendar_years import CalendarYearLoaded
from services.mediation.domain import events
from services.mediation.domain.events import agreements, items, offers, sessions
from services.mediation.messaging.publish import CATALOGUE
from services.mediation.transport.grpc_service import MediationServicer

_KINDS: dict[type[DomainEvent], EventKind] = CATALOGUE._kinds
_PUBLIC_WORDS = {"number", "regime", "effectiveness_rule", "limit_due_date", "slot", "origin", "court", "room"}
"""Words that are no secret of anybody's; ``room`` is where a session is, which those who attend are told by mail."""
_PRIVATE = (
    items.ItemAdded,
    items.ItemReleased,
    offers.OfferMade,
    offers.OfferAnswered,
    offers.OfferEnded,
    sessions.SessionRecordDrafted,
    sessions.SessionRecordAnswered,
    agreements.AgreementActRecorded,
)


def test_every_event_is_in_the_catalogue() -> None:
    modules = [
        importlib.import_module(f"{events.__name__}.{each.name}") for each in pkgutil.iter_modules(events.__path__)
    ]
    defined = {
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, DomainEvent) and each is not DomainEvent
    }
    assert len(modules) > 1 and defined == set(_KINDS) - {CalendarYearLoaded}, (
        "and what the runtime has in every service"
    )


@pytest.mark.parametrize("kind", list(_KINDS), ids=lambda kind: kind.__name__)
def test_an_event_and_its_message_have_the_same_fields(kind: type[DomainEvent]) -> None:
    own = {field.name for field in dataclasses.fields(kind)}
    assert own == set(_KINDS[kind].message.DESCRIPTOR.fields_by_name)


@pytest.mark.parametrize("kind", [kind for kind in _KINDS if _KINDS[kind].published], ids=lambda kind: kind.__name__)
def test_what_is_published_is_ids_states_dates_amounts_and_digests(kind: type[DomainEvent]) -> None:
    for field in _KINDS[kind].message.DESCRIPTOR.fields:
        if field.type == field.TYPE_STRING:
            hint = str(kind.__dataclass_fields__[field.name].type)
            assert "UUID" in hint or field.name in _PUBLIC_WORDS, field.name


@pytest.mark.parametrize("kind", _PRIVATE, ids=lambda kind: kind.__name__)
def test_what_is_private_stays_in_the_log(kind: type[DomainEvent]) -> None:
    assert not _KINDS[kind].published


def test_every_method_of_the_contract_is_there() -> None:
    service = mediation_service_pb2.DESCRIPTOR.services_by_name["MediationService"]
    missing = [
        method.name
        for method in service.methods
        if getattr(MediationServicer, method.name) is getattr(MediationServiceServicer, method.name)
    ]
    assert missing == []
