"""A sample house: an intake office, a mediation committee and a court with the people who work there.

Everybody in it is made up and says so (样本 SAMPLE). No account or password comes with the software: the first
administrator claims the installation with the one-time code that identity printed, and makes the rest through the API.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from comity.court_link.v1 import court_link_service_pb2 as court_pb
from comity.court_link.v1 import court_pb2
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb

from services.cli.actor import Actor, patiently
from services.cli.addresses import Services
from services.cli.journal import Journal
from services.cli.mailbox import Mailbox
from services.common.kernel.clock import Clock
from services.common.rpc.client import answered

_DOMAIN = "sample.invalid"
_REGION = "320102"
_TELEPHONE = "025-0000 0000"
"""Nobody's."""


@dataclass(frozen=True, slots=True)
class House:
    """The names of what was set up. No secret is in it."""

    intake: str
    mediation: str
    court_organisation: str
    court: str
    mediators: list[str]


@dataclass(slots=True)
class Staff:
    """The people of the house, ready to act."""

    administrator: Actor
    officer: Actor
    case_administrator: Actor
    mediators: list[Actor]
    seal_keeper: Actor
    court_administrator: Actor
    clerk: Actor
    judge: Actor


_MEDIATORS = ("林静", "沈和", "蒋平", "韩信言")


def staff(
    services: Services, mailbox: Mailbox, run: str, clock: Clock | None = None, journal: Journal | None = None
) -> Staff:
    """The actors, whether or not they have accounts yet."""

    def person(display_name: str, mail: str) -> Actor:
        return Actor(
            services, mailbox, run, f"{display_name}（样本 SAMPLE）", f"{mail}@{_DOMAIN}", "zh", clock, journal
        )

    return Staff(
        administrator=person("陈立", "administrator"),
        officer=person("周敏", "officer"),
        case_administrator=person("吴桐", "case-administrator"),
        mediators=[person(name, f"mediator-{index}") for index, name in enumerate(_MEDIATORS, 1)],
        seal_keeper=person("何芳", "seal-keeper"),
        court_administrator=person("郑直", "court-administrator"),
        clerk=person("孙悦", "clerk"),
        judge=person("宋平", "judge"),
    )


async def set_up(people: Staff, first_administrator_code: str) -> House:
    """Makes the house through the public API; what was made before is found again.

    The code is empty when the installation is claimed already: by an earlier life of the same program.
    """
    admin = people.administrator
    await _claim(admin, first_administrator_code)
    for person in _everybody(people)[1:]:
        await person.register()
    kinds = identity_pb.OrganisationKind
    intake = await _organisation(admin, "样本投诉受理中心 SAMPLE", kinds.ORGANISATION_KIND_INTAKE, admin)
    mediation = await _organisation(admin, "样本人民调解委员会 SAMPLE", kinds.ORGANISATION_KIND_MEDIATION, admin)
    court_organisation = await _organisation(
        admin, "样本区人民法院 SAMPLE", kinds.ORGANISATION_KIND_COURT, people.court_administrator
    )
    for person in (admin, people.court_administrator):
        await person.refresh()
    roles = identity_pb.Role
    await _grant(admin, intake, people.officer, roles.ROLE_INTAKE_OFFICER)
    await _grant(admin, mediation, people.case_administrator, roles.ROLE_CASE_ADMINISTRATOR)
    for mediator in people.mediators:
        await _grant(admin, mediation, mediator, roles.ROLE_MEDIATOR)
    await _grant(admin, mediation, people.seal_keeper, roles.ROLE_SEAL_KEEPER)
    await _grant(people.court_administrator, court_organisation, people.clerk, roles.ROLE_COURT_CLERK)
    await _grant(people.court_administrator, court_organisation, people.judge, roles.ROLE_JUDGE)
    await sign_in(people)
    return House(
        intake=intake,
        mediation=mediation,
        court_organisation=court_organisation,
        court=await _court(people.court_administrator, court_organisation),
        mediators=[await _mediator(people.case_administrator, person, mediation) for person in people.mediators],
    )


def save(house: House, file: Path) -> None:
    """Writes the names down for a later run."""
    file.write_text(json.dumps(asdict(house), indent=1))


def load(file: Path) -> House:
    """The house of an earlier run."""
    return House(**json.loads(file.read_text()))


def _everybody(people: Staff) -> list[Actor]:
    single = [
        people.administrator,
        people.officer,
        people.case_administrator,
        people.seal_keeper,
        people.court_administrator,
        people.clerk,
        people.judge,
    ]
    return single + people.mediators


async def _claim(admin: Actor, code: str) -> None:
    request = identity_pb.ClaimFirstAdministratorRequest(
        request_id=admin.request_id("claim"),
        code=code,
        display_name=admin.display_name,
        email=admin.email,
        locale=admin.locale,
        organisation_display_name="样本平台 SAMPLE",
    )
    if code:
        await patiently(lambda: answered(admin.services.identity.ClaimFirstAdministrator(request, timeout=20)))
    await admin.sign_in()


async def _organisation(
    admin: Actor, display_name: str, kind: "identity_pb.OrganisationKind.ValueType", head: Actor
) -> str:
    request = identity_pb.CreateOrganisationRequest(
        request_id=admin.request_id(f"organisation {display_name}"),
        display_name=display_name,
        kind=kind,
        region_code=_REGION,
        administrator=head.account,
        sample=True,
        telephone=_TELEPHONE,
    )
    return str((await admin.call(admin.services.identity.CreateOrganisation, request)).organisation.name)


async def _grant(head: Actor, organisation: str, person: Actor, role: "identity_pb.Role.ValueType") -> None:
    request = identity_pb.GrantRoleRequest(
        request_id=head.request_id(f"grant {organisation} {person.email} {role}"),
        organisation=organisation,
        account=person.account,
        role=role,
    )
    await head.call(head.services.identity.GrantRole, request)


async def _mediator(head: Actor, person: Actor, organisation: str) -> str:
    request = mediation_pb.CreateMediatorRequest(
        request_id=head.request_id(f"mediator {person.email}"),
        organisation=organisation,
        account=person.account,
        display_name=person.display_name,
        employer="样本人民调解委员会 SAMPLE",
        languages=["zh", "en"],
    )
    return str((await head.call(head.services.mediation.CreateMediator, request)).mediator.name)


async def _court(head: Actor, organisation: str) -> str:
    request = court_pb.CreateCourtRequest(
        request_id=head.request_id("court"),
        organisation=organisation,
        display_name="样本区人民法院 SAMPLE",
        level=court_pb2.COURT_LEVEL_BASIC,
        region_codes=[_REGION],
        sample=True,
    )
    return str((await head.call(head.services.court_link.CreateCourt, request)).court.name)


async def sign_in(people: Staff) -> None:
    """Everybody has a token with the roles held now."""
    for person in _everybody(people):
        await person.refresh()


def save_sessions(people: Staff, file: Path) -> None:
    """Keeps the sign-ins for the next run, readable by this user alone."""
    file.touch(mode=0o600)
    file.write_text(json.dumps({person.email: person.session() for person in _everybody(people)}))


def resume_sessions(people: Staff, file: Path) -> None:
    """Goes on under the sign-ins of an earlier run, where there are any."""
    if file.exists():
        sessions = json.loads(file.read_text())
        for person in _everybody(people):
            if person.email in sessions:
                person.resume(sessions[person.email])
