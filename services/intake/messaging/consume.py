"""Whose events intake reacts to. Messages are translated here; what is done about them is in ``application``."""

from collections.abc import Mapping
from typing import Any

from comity.court_link.v1 import application_pb2, court_link_events_pb2
from comity.identity.v1 import identity_events_pb2, identity_service_pb2
from comity.mediation.v1 import mediation_events_pb2
from comity.notify.v1 import notice_pb2, notify_events_pb2

from services.common.kernel.ids import parse_name
from services.common.messaging.consumer import Envelope, Reaction
from services.common.messaging.revocations import REVOCATIONS
from services.intake.application import reactions
from services.intake.domain.values import Outcome
from services.intake.storage.transaction import IntakeTransaction as Tx

_OUTCOMES = {
    application_pb2.RULING_OUTCOME_CONFIRMED: Outcome.CONFIRMED,
    application_pb2.RULING_OUTCOME_DISMISSED: Outcome.DISMISSED_BY_COURT,
}


def _of_a_matter(name: str) -> bool:
    """Cases and invitations also come from court referrals, which are not intake's."""
    return name.startswith("matters/")


async def _organisation_created(tx: Tx, event: identity_events_pb2.OrganisationCreated, *_: Any) -> None:
    kind = identity_service_pb2.OrganisationKind.Name(event.kind).removeprefix("ORGANISATION_KIND_")
    await tx.organisations.add(parse_name("organisations", event.organisation), kind)


async def _invitation_accepted(tx: Tx, event: identity_events_pb2.InvitationAccepted, *_: Any) -> None:
    if _of_a_matter(event.subject):
        await reactions.party_joined(
            tx,
            parse_name("matters", event.subject),
            parse_name("parties", event.party),
            parse_name("accounts", event.account),
            event.invitation,
        )


async def _case_opened(tx: Tx, event: mediation_events_pb2.CaseOpened, *_: Any) -> None:
    if _of_a_matter(event.origin):
        await reactions.case_opened(tx, parse_name("matters", event.origin), event.case)


async def _case_failed(
    tx: Tx,
    event: mediation_events_pb2.CaseTerminated | mediation_events_pb2.CaseDeclined,
    _envelope: Envelope,
    _prepared: Any,
) -> None:
    if _of_a_matter(event.origin):
        await reactions.mediation_failed(tx, parse_name("matters", event.origin))


async def _settled(
    tx: Tx,
    event: mediation_events_pb2.CaseConcluded | mediation_events_pb2.AgreementSealed,
    _envelope: Envelope,
    _prepared: Any,
) -> None:
    if _of_a_matter(event.origin):
        await reactions.settled(tx, parse_name("matters", event.origin))


async def _confirmation_ended(
    tx: Tx,
    event: court_link_events_pb2.WindowLapsed
    | court_link_events_pb2.ApplicationLapsed
    | court_link_events_pb2.ApplicationNotAccepted
    | court_link_events_pb2.ApplicationWithdrawn,
    _envelope: Envelope,
    _prepared: Any,
) -> None:
    if _of_a_matter(event.origin):
        await reactions.confirmation_ended(tx, parse_name("matters", event.origin))
    elif not event.origin:  # It comes from an older replica.
        await reactions.confirmation_of_case_ended(tx, event.case)


async def _ruling_issued(tx: Tx, event: court_link_events_pb2.RulingIssued, *_: Any) -> None:
    if _of_a_matter(event.origin):
        await reactions.ruled(tx, parse_name("matters", event.origin), _OUTCOMES[event.outcome])


async def _call_back_completed(tx: Tx, event: notify_events_pb2.CallBackCompleted, *_: Any) -> None:
    if _of_a_matter(event.subject):
        reopen = event.state == notice_pb2.CALL_BACK_STATE_REOPEN_REQUESTED
        await reactions.called_back(tx, parse_name("matters", event.subject), reopening_requested=reopen)


REACTIONS: Mapping[str, Mapping[str, Reaction[Tx]]] = {
    "identity": {
        "organisation.created": Reaction(identity_events_pb2.OrganisationCreated, _organisation_created),
        "invitation.accepted": Reaction(identity_events_pb2.InvitationAccepted, _invitation_accepted),
        **REVOCATIONS,
    },
    "mediation": {
        "case.opened": Reaction(mediation_events_pb2.CaseOpened, _case_opened),
        "case.declined": Reaction(mediation_events_pb2.CaseDeclined, _case_failed),
        "case.terminated": Reaction(mediation_events_pb2.CaseTerminated, _case_failed),
        "case.concluded": Reaction(mediation_events_pb2.CaseConcluded, _settled),
        "agreement.sealed": Reaction(mediation_events_pb2.AgreementSealed, _settled),
    },
    "court_link": {
        "application_window.lapsed": Reaction(court_link_events_pb2.WindowLapsed, _confirmation_ended),
        "application.lapsed": Reaction(court_link_events_pb2.ApplicationLapsed, _confirmation_ended),
        "application.not_accepted": Reaction(court_link_events_pb2.ApplicationNotAccepted, _confirmation_ended),
        "application.withdrawn": Reaction(court_link_events_pb2.ApplicationWithdrawn, _confirmation_ended),
        "ruling.issued": Reaction(court_link_events_pb2.RulingIssued, _ruling_issued),
    },
    "notify": {"call_back.completed": Reaction(notify_events_pb2.CallBackCompleted, _call_back_completed)},
}
"""Publishing service to event type to reaction."""
