"""Every method that takes an id, called by strangers: another organisation's staff with every role, and a party of
another case. They get the one answer that an absent id gets."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from comity.mediation.v1 import agreement_pb2, mediation_service_pb2
from comity.mediation.v1 import mediation_service_pb2 as pb
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from services.common.kernel.errors import DomainError
from services.common.kernel.principal import Role
from services.common.rpc.client import answered
from tests.integration.mediation.running import Mediation
from tests.kit.tokens import bearer

_METHODS = [each.name for each in mediation_service_pb2.DESCRIPTOR.services_by_name["MediationService"].methods]
_WITHOUT_AN_OBJECT = {"CreateMediator", "ListMediators", "ListCases"}
_FOR_SERVICES = {"ReadAgreementDossier", "ReadDocument"}
_STREAMS = {"DownloadDocument"}
_NAMED = {
    "Session": "sessions",
    "WaiveNotice": "sessions",
    "CheckIn": "sessions",
    "SessionRecord": "sessionRecords",
    "Offer": "offers",
    "Item": "items",
    "Agreement": "agreements",
    "SignAgreement": "signingRounds",
    "SealAgreement": "signingRounds",
    "RefuseToSign": "signingRounds",
    "SigningRound": "signingRounds",
}


def _collection(method: str) -> str:
    """What the ``name`` of a method's request names."""
    fitting = [word for word in _NAMED if method.endswith(word)]
    return _NAMED[max(fitting, key=len)] if fitting else "cases"


async def _everything(mediation: Mediation) -> dict[str, str]:
    """One of each kind, all of one case."""
    name, agreement, signing_round = await mediation.frozen()
    offers = (await mediation.call("ListOffers", mediation.mediator, case=name)).offers
    item = (await mediation.call("AddItem", mediation.mediator, case=name, compartment=1, text="样本 SAMPLE")).item
    (session,) = (await mediation.call("ListSessions", mediation.mediator, case=name)).sessions or (None,)
    assert session is None
    return {
        "cases": name,
        "agreements": agreement.name,
        "signingRounds": signing_round.name,
        "offers": offers[0].name,
        "items": item.name,
        "document": agreement.name,
    }


@pytest.fixture
async def things(mediation: Mediation) -> dict[str, str]:
    opened = await mediation.opened()
    session = await mediation.hold(opened)
    record = await mediation.draft_record(session)
    mediation.mediator = uuid4()
    found = await _everything(mediation)
    return {**found, "sessions": session.name, "sessionRecords": record.name}


async def test_a_foreign_id_answers_like_an_absent_one(mediation: Mediation, things: dict[str, str]) -> None:
    party = await _party_of_another_case(mediation)
    every_role = bearer(mediation.issuer.person(uuid4(), {uuid4(): list(Role)}))
    answers: dict[str, set[str]] = {}
    for method in _METHODS:
        if method in _WITHOUT_AN_OBJECT | _FOR_SERVICES:
            continue
        request = _request(mediation, method, things)
        for who in (every_role, bearer(mediation.issuer.person(party))):
            answers.setdefault(method, set()).add(await _reason(mediation, method, request, who))
    allowed = {"NOT_FOUND", "ACCESS_DENIED"}
    leaking = {method: found for method, found in answers.items() if not found <= allowed}
    assert leaking == {}
    assert all("NOT_FOUND" in found for found in answers.values())


@pytest.mark.parametrize("method", sorted(_FOR_SERVICES))
async def test_no_person_reads_what_is_for_the_court_s_service(mediation: Mediation, method: str) -> None:
    every_role = bearer(mediation.issuer.person(uuid4(), {uuid4(): list(Role)}))
    request = getattr(pb, f"{method}Request")(digest=bytes(32))
    assert await _reason(mediation, method, request, every_role) == "ACCESS_DENIED"
    other = bearer(mediation.issuer.service("notify"))
    assert await _reason(mediation, method, request, other) == "ACCESS_DENIED"


async def _party_of_another_case(mediation: Mediation) -> UUID:
    """Somebody whose own case of the same organisation changes nothing here."""
    before = mediation.complainant, mediation.respondent, mediation.party_a, mediation.party_b
    mediation.complainant, mediation.respondent, mediation.party_a, mediation.party_b = (uuid4() for _ in range(4))
    stranger = mediation.complainant
    await mediation.forward()
    mediation.complainant, mediation.respondent, mediation.party_a, mediation.party_b = before
    return stranger


def _request(mediation: Mediation, method: str, things: dict[str, str]) -> Message:
    """A well-formed request that names the real thing."""
    request: Any = getattr(pb, f"{method}Request")()
    for field in request.DESCRIPTOR.fields:
        value = _value(mediation, method, field, things)
        if value is None:
            continue
        if isinstance(value, Message):
            getattr(request, field.name).CopyFrom(value)
        else:
            setattr(request, field.name, value)
    if method == "SignAgreement":
        request.slot = "party-1"
    return request


def _value(mediation: Mediation, method: str, field: FieldDescriptor, things: dict[str, str]) -> Any:
    known: dict[str, Any] = {
        "request_id": str(uuid4()),
        "name": things[_collection(method)],
        "case": things["cases"],
        "session": things["sessions"],
        "document": things["document"],
        "version": 1,
        "party": f"parties/{mediation.party_a}",
        "account": f"accounts/{uuid4()}",
        "mediator": f"mediators/{uuid4()}",
        "terms": mediation.terms(),
        "start_time": mediation.at(hours=80),
        "end_time": mediation.at(hours=81),
        "expire_time": mediation.at(days=1),
        "frozen_digest": bytes(32),
        "digest": bytes(32),
        "proof": "x",
        "days": 5,
        "slot": "party-1",
        "form": agreement_pb2.DOCUMENT_FORM_FROZEN,
        "start_date": "",
        "end_date": "",
    }
    if field.name in known:
        return known[field.name]
    if field.is_repeated or field.name in ("counters", "caucus_party", "absent_party", "page_token"):
        return None
    if field.enum_type is not None:
        return 1
    return "样本 SAMPLE" if field.type == field.TYPE_STRING else None


async def _reason(mediation: Mediation, method: str, request: Any, who: Any) -> str:
    call = getattr(mediation.stub, method)
    if method in {"SignAgreement", "SealAgreement"}:
        request.proof = _proof_of(mediation, who, request)
    try:
        if method in _STREAMS | _FOR_SERVICES:
            await answered(_first(call(request, metadata=who, timeout=30)))
        else:
            await answered(call(request, metadata=who, timeout=30))
    except DomainError as error:
        return error.reason
    return "ANSWERED"


async def _first(stream: Any) -> Any:
    return [each async for each in stream]


def _proof_of(mediation: Mediation, who: Any, request: Any) -> str:
    import jwt  # noqa: PLC0415

    token = who[0][1].removeprefix("Bearer ")
    account = jwt.decode(token, options={"verify_signature": False})["sub"].partition("/")[2]
    return mediation.issuer.proof(UUID(account), request.name, request.frozen_digest)
