"""Nobody of another house learns anything of a case: a foreign id answers as one that does not exist.

Every method of every service is called, as found in the descriptors, by people of another case, another committee,
another court and another office, and by the services themselves.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest_asyncio
from comity.court_link.v1 import court_link_service_pb2 as court_pb
from comity.court_link.v1 import court_pb2
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.mediation.v1 import case_pb2
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb

from services.cli.actor import Actor
from services.common.rpc.client import ServiceCredential
from tests.kit.suite import SERVICES
from tests.scenarios.conftest import Town
from tests.scenarios.played import Played
from tests.scenarios.probing import Answer, Method, Probe, absent, methods

PUBLIC = {
    "IdentityService.GetJsonWebKeySet",
    "IdentityService.GetTrustAnchors",
    "IdentityService.StartSignIn",
    "IdentityService.ListSessions",
    "IdentityService.RenewAccessToken",
    "IdentityService.StartContactVerification",
    "IdentityService.GetOrganisation",
    "IdentityService.ListOrganisations",
    "IntakeService.FileMatter",
    "MediationService.ListMediators",
    "CourtLinkService.ListCourts",
    "IdentityService.StartProof",
    "NotifyService.GetPreferences",
    "NotifyService.SetPreferences",
}
"""Open by docs/access.md to anybody, or to anybody signed in, and about no case: keys, organisations, rosters, one's own
account, settings and codes, a complaint of one's own. A proof names what it is for and is worth nothing where its person
may not sign."""
WORK_OF_SERVICES = {
    "IdentityService.CreateInvitation": {"service intake", "service court_link"},
    "IdentityService.CreateTimestamp": {"service mediation", "service court_link"},
    "NotifyService.SendOneTimeCode": {"service identity"},
}
"""What docs/access.md gives to these services: identity keeps and stamps what they send, and knows no case."""
ANSWERED_ALIKE = {"CourtLinkService.CheckEligibility"}
"""Not refused: the answer is the same as for an agreement that does not exist."""
ENDS_THE_PROBE = {"IdentityService.SignOutEverywhere"}
"""Names nothing but its caller, whose further questions would all be refused."""
OTHERWISE_REFUSED = {
    **{
        f"OperationsService.{each}": {"OPERATOR_REQUIRED"}
        for each in (
            "ReplayDeadLetter",
            "ReleaseDeadLetter",
            "RetryJob",
            "ReleaseJob",
            "LoadCalendarYear",
            "GetCalendars",
        )
    },
    "CourtLinkService.CheckEligibility": {"ANSWERED"},
    "IntakeService.ImportMatters": {"ORGANISATION_WRONG_KIND"},
    "CourtLinkService.CreateApplication": {"AGREEMENT_NOT_SEALED"},
    "MediationService.CreateMediator": {"ROLE_REQUIRED"},
    "NotifyService.SendOneTimeCode": {"ANSWERED"},
}
"""Every other method looks for the thing and does not find it."""
OPEN_TO_ALL = {"organisations", "mediators", "courts"}
"""What these may be told the names of; nothing else of the case may appear in any answer."""
_LIMITED = {"TRIES_EXHAUSTED", "TOO_MANY_TRIES"}
"""Says how often somebody guessed, not what there is: the guesses before had one answer."""
_AT_ONCE = 6


@dataclass(frozen=True)
class Scene:
    """A finished case, everything of it by collection, and everybody who has no business in it."""

    town: Town
    ids: Mapping[str, str]
    outsiders: Mapping[str, Any]
    party: Actor
    neighbour: Played
    probe: Probe
    reasons: dict[str, set[str]] = field(default_factory=dict)
    """What was refused for which reasons, by method."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(town: Town) -> AsyncIterator[Scene]:
    case = town.journey("probed", lane=2)
    ids = await _finished(town, case)
    async with AsyncExitStack() as resources:
        probe = await Probe.at(town.suite, resources)
        neighbour = town.journey("neighbour", lane=1)
        await neighbour.to_open()
        yield Scene(town, ids, await _outsiders(town, neighbour), case.complainant, neighbour, probe)
    # Wrong secrets were tried from here: for a minute no service at this address gets a token.
    town.suite.clock.advance(timedelta(minutes=2))


async def test_every_foreign_id_is_answered_as_one_that_does_not_exist(scene: Scene) -> None:
    problems = await _gathered(_difference(scene, name, who, method) for name, who, method in _all(scene, lists=False))
    assert not problems, "\n".join(problems)
    reached = {label: reasons - {"ACCESS_DENIED"} for label, reasons in scene.reasons.items()}
    shallow = {
        label: reasons
        for label, reasons in reached.items()
        if not label.startswith("IdentityService")
        and label not in PUBLIC
        and reasons != OTHERWISE_REFUSED.get(label, {"NOT_FOUND"})
    }
    assert shallow == {}, "these were refused before anybody looked for the thing"


async def test_a_good_proof_of_an_outsider_signs_and_seals_nothing(scene: Scene) -> None:
    keeper, party = scene.outsiders["seal_keeper of another mediation"], scene.outsiders["complainant of another case"]
    found = {each.descriptor.name: each for each in methods() if each.collection == "signingRounds"}
    for who, method in ((party, found["SignAgreement"]), (keeper, found["SealAgreement"])):
        answers = []
        for ids in (scene.ids, _nothing(scene)):
            request = method.request(ids)
            request.proof = await who.prove(request.name, request.frozen_digest)
            answers.append(await scene.probe.ask(method, request, await who.metadata()))
        foreign, nothing = answers
        assert foreign.refusal == nothing.refusal and foreign.refusal[1] == "NOT_FOUND", (foreign, nothing)


async def test_a_foreign_id_within_one_s_own_case_is_answered_as_one_that_does_not_exist(scene: Scene) -> None:
    """The case is the caller's; its party, offer, session or mediator is taken from the other case."""
    neighbour = scene.neighbour
    problems = []
    for method in methods():
        if method.server != "mediation" or not _refers_elsewhere(method):
            continue
        for who in (neighbour.complainant, neighbour.mediator):
            said = []
            for ids in (scene.ids, _nothing(scene)):
                request = method.request({**ids, "cases": neighbour.name})
                if "version" in request.DESCRIPTOR.fields_by_name:
                    request.version = (await neighbour.state()).version
                answer = await scene.probe.ask(method, request, await who.metadata())
                said.append((answer.refusal, answer.text))
            if said[0] != said[1]:
                problems.append(f"{method} for {who.display_name}: {said[0]} {said[1]}")
            problems += filter(None, [_malformed(method, answer)])
    assert not problems, "\n".join(problems)
    assert (await neighbour.state()).state == case_pb2.CASE_STATE_OPEN


def _refers_elsewhere(method: Method) -> bool:
    """Whether the request names a case and, beside it, something else of a case."""
    names = set(method.descriptor.input_type.fields_by_name)
    of_a_case = method.collection == "cases" or "case" in names
    return of_a_case and bool(names & {"party", "caucus_party", "counters", "terms", "account"})


async def test_lists_come_back_without_anything_of_the_case(scene: Scene) -> None:
    problems = await _gathered(_listing(scene, name, who, method) for name, who, method in _all(scene, lists=True))
    assert not problems, "\n".join(problems)


async def test_the_probe_reaches_what_the_case_s_own_people_reach(scene: Scene) -> None:
    """Else refusals would prove nothing: under the right token the same requests are answered."""
    own = {
        "GetMatter": scene.party,
        "GetCase": scene.party,
        "GetAgreement": scene.party,
        "GetApplication": scene.party,
        "GetRuling": scene.party,
        "GetCallBack": scene.town.people.officer,
        "GetSession": scene.party,
        "GetSessionRecord": scene.party,
        "GetSigningRound": scene.party,
        "GetOffer": scene.party,
        "GetReferral": scene.town.people.clerk,
    }
    for method in methods():
        if who := own.get(method.descriptor.name):
            answer = await scene.probe.ask(method, method.request(scene.ids), await who.metadata())
            assert not answer.refused, (str(method), answer.refusal)


def _all(scene: Scene, *, lists: bool) -> list[tuple[str, Any, Method]]:
    return [
        (name, who, method)
        for method in methods()
        for name, who in scene.outsiders.items()
        if method.lists is lists and method.label not in ENDS_THE_PROBE
    ]


async def _gathered(checks: Any) -> list[str]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(check: Any) -> str:
        async with gate:
            return str(await check)

    return sorted({found for found in await asyncio.gather(*map(one, checks)) if found})


async def _difference(scene: Scene, name: str, who: Any, method: Method) -> str:
    metadata = await who.metadata()
    foreign = await scene.probe.ask(method, method.request(scene.ids), metadata)
    scene.reasons.setdefault(method.label, set()).add(foreign.refusal[1] if foreign.refused else "ANSWERED")
    if name in WORK_OF_SERVICES.get(method.label, ()):
        return _malformed(method, foreign)
    if found := _malformed(method, foreign) or _telling(scene, name, method, foreign):
        return found
    if method.label in PUBLIC:
        return ""
    return _apart(
        scene, name, method, foreign, await scene.probe.ask(method, method.request(_nothing(scene)), metadata)
    )


def _apart(scene: Scene, name: str, method: Method, foreign: Answer, nothing: Answer) -> str:
    if not foreign.refused and method.label not in ANSWERED_ALIKE:
        return f"{method} answered {name}: {foreign.text[:200]}"
    if _LIMITED & {*nothing.refusal, *foreign.refusal}:
        return ""
    if (nothing.refusal, nothing.text) != (foreign.refusal, foreign.text):
        return f"{method} tells {name} a foreign id {foreign.refusal[:4]} from an absent one {nothing.refusal[:4]}"
    return ""


async def _listing(scene: Scene, name: str, who: Any, method: Method) -> str:
    metadata = await who.metadata()
    foreign = await scene.probe.ask(method, method.request(scene.ids), metadata)
    if found := _malformed(method, foreign) or _telling(scene, name, method, foreign):
        return found
    nothing = await scene.probe.ask(method, method.request(_nothing(scene)), metadata)
    if method.label not in PUBLIC and (nothing.refusal, nothing.text) != (foreign.refusal, foreign.text):
        return f"{method} lists to {name} what it does not of an absent one: {foreign} {nothing}"
    return ""


def _nothing(scene: Scene) -> dict[str, str]:
    """The same without the case: what is open to all stays."""
    return absent(scene.ids) | {each: scene.ids[each] for each in OPEN_TO_ALL}


def _malformed(method: Method, answer: Answer) -> str:
    bad = {"MALFORMED_REQUEST", "INTERNAL", "UNIMPLEMENTED"} & set(answer.refusal)
    return f"{method} was not really asked: {answer.refusal}" if bad else ""


def _telling(scene: Scene, name: str, method: Method, answer: Answer) -> str:
    said = answer.text + " ".join(answer.refusal)
    for collection, known in scene.ids.items():
        if collection not in OPEN_TO_ALL and known.partition("/")[2] in said:
            return f"{method} tells {name} of {known}: {said[:300]}"
    return ""


async def _finished(town: Town, case: Played) -> dict[str, str]:
    """The case, from filing to its ruling, with something in every drawer."""
    await case.to_open()
    item = await case.note(case.mediator, "共享（样本）", 1)
    await case.meet()
    await case.negotiate()
    await case.sign()
    await case.apply_and_rule()
    call_back = await case.until(case.call_back)
    await case.close()
    mediation, mediator = town.suite.services.mediation, case.mediator
    sessions = await mediator.call(mediation.ListSessions, mediation_pb.ListSessionsRequest(case=case.name))
    records = mediation_pb.ListSessionRecordsRequest(case=case.name)
    (record,) = (await mediator.call(mediation.ListSessionRecords, records)).session_records
    offers = (await mediator.call(mediation.ListOffers, mediation_pb.ListOffersRequest(case=case.name))).offers
    agreement = await case.agreement(case.papers.agreement_name)
    (application,) = await case.applications()
    (notice, *_) = await case.notices(case.complainant)
    start = identity_pb.StartSignInRequest(request_id=str(uuid4()), contact=case.complainant.email)
    challenge = (await town.suite.services.identity.StartSignIn(start)).challenge
    return {
        "organisations": town.house.mediation,
        "mediators": town.house.mediators[2],
        "courts": town.house.court,
        "accounts": case.complainant.account,
        "matters": case.matter,
        "parties": case.parties["complainant"],
        "invitations": await case.invitation(),
        "challenges": challenge.name,
        "cases": case.name,
        "sessions": sessions.sessions[0].name,
        "sessionRecords": record.name,
        "items": item.name,
        "offers": offers[0].name,
        "agreements": agreement.name,
        "signingRounds": agreement.signing_round,
        "applications": application.name,
        "rulings": application.ruling,
        "referrals": await _referral(town, case),
        "notices": notice.name,
        "callBacks": call_back.name,
        "manualTasks": f"manualTasks/{uuid4()}",
        "deadLetters": f"deadLetters/{uuid4()}",
    }


async def _referral(town: Town, case: Played) -> str:
    return str((await case.referred(court_pb2.REFERRAL_KIND_DELEGATED)).name)


async def _outsiders(town: Town, neighbour: Played) -> dict[str, Any]:
    kinds, roles = identity_pb.OrganisationKind, identity_pb.Role
    staff = {
        kinds.ORGANISATION_KIND_INTAKE: (roles.ROLE_INTAKE_OFFICER, roles.ROLE_SUPERVISOR),
        kinds.ORGANISATION_KIND_MEDIATION: (roles.ROLE_CASE_ADMINISTRATOR, roles.ROLE_MEDIATOR, roles.ROLE_SEAL_KEEPER),
        kinds.ORGANISATION_KIND_COURT: (roles.ROLE_COURT_CLERK, roles.ROLE_JUDGE),
    }
    found: dict[str, Any] = {"complainant of another case": neighbour.complainant}
    found["respondent of another case"] = neighbour.respondent
    for kind, held in staff.items():
        found |= await _another_house(town, neighbour, kind, held)
    for name in SERVICES:
        found[f"service {name}"] = ServiceCredential(
            town.suite.services.identity, name, f"secret of {name}", town.suite.clock
        )
    return found


async def _another_house(town: Town, neighbour: Played, kind: Any, held: tuple[Any, ...]) -> dict[str, Any]:
    """Another organisation of this kind, its head, and one person in each of these roles."""
    word = identity_pb.OrganisationKind.Name(kind).removeprefix("ORGANISATION_KIND_").lower()
    head = await _person(neighbour, f"head-{word}")
    admin, identity = town.people.administrator, town.suite.services.identity
    request = identity_pb.CreateOrganisationRequest(
        request_id=str(uuid4()),
        display_name=f"另一家样本机构 SAMPLE {word}",
        kind=kind,
        region_code="320104",
        administrator=head.account,
        sample=True,
    )
    organisation = (await admin.call(identity.CreateOrganisation, request)).organisation.name
    await head.refresh()
    found: dict[str, Any] = {f"administrator of another {word}": head}
    for role in held:
        name = identity_pb.Role.Name(role).removeprefix("ROLE_").lower()
        person = await _person(neighbour, name)
        grant = identity_pb.GrantRoleRequest(
            request_id=str(uuid4()), organisation=organisation, account=person.account, role=role
        )
        await head.call(identity.GrantRole, grant)
        await person.refresh()
        found[f"{name} of another {word}"] = person
    if kind == identity_pb.OrganisationKind.ORGANISATION_KIND_COURT:
        court = court_pb.CreateCourtRequest(
            request_id=str(uuid4()),
            organisation=organisation,
            display_name="另一样本法院 SAMPLE",
            level=court_pb2.COURT_LEVEL_BASIC,
            region_codes=["320104"],
            sample=True,
        )
        await head.call(town.suite.services.court_link.CreateCourt, court)
    return found


async def _person(neighbour: Played, name: str) -> Actor:
    person = neighbour.stranger(name, name.replace("_", "-"))
    await person.register()
    return person
