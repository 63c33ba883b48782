"""What mediation does about events of intake and court_link; dossiers are pulled outside any transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from comity.common.v1 import party_pb2
from comity.court_link.v1 import application_pb2, court_link_events_pb2, court_pb2
from comity.intake.v1 import intake_events_pb2, matter_pb2

from services.common.kernel.ids import parse_name
from services.common.kernel.money import Money
from services.common.messaging.consumer import Envelope, Reaction
from services.common.messaging.revocations import REVOCATIONS
from services.mediation.application.agreements import note_ruling
from services.mediation.application.opening import BindParty, OpenCase, bind_party, open_case
from services.mediation.domain.case_facts import OrganisationFacts
from services.mediation.domain.parties import CaseParty, Particulars
from services.mediation.domain.vocabulary import Authority, CaseKind, PartySide
from services.mediation.storage.transaction import MediationTransaction as Work
from services.mediation.wire import CONVERTER

_KINDS = {
    court_pb2.REFERRAL_KIND_DELEGATED: CaseKind.DELEGATED,
    court_pb2.REFERRAL_KIND_ENTRUSTED: CaseKind.ENTRUSTED,
}


@dataclass(frozen=True, slots=True)
class _Side:
    side: PartySide


class Dossiers(Protocol):
    """Pulls what events name by digest. Raises UNAVAILABLE until it is there."""

    async def matter(self, name: str, digest: bytes) -> bytes: ...
    async def referral(self, name: str, digest: bytes) -> bytes: ...
    async def organisation(self, name: str) -> OrganisationFacts: ...


@dataclass(frozen=True, slots=True)
class Pulled:
    """A dossier with the facts of the organisation it goes to."""

    dossier: bytes
    organisation: OrganisationFacts


def reactions(dossiers: Dossiers) -> Mapping[str, Mapping[str, Reaction[Any]]]:
    """By source and event type."""

    async def pull_matter(event: intake_events_pb2.MatterForwarded) -> Pulled:
        dossier = await dossiers.matter(event.matter, event.dossier_digest)
        return Pulled(dossier, await dossiers.organisation(event.organisation))

    async def pull_referral(event: court_link_events_pb2.ReferralReceived) -> Pulled:
        dossier = await dossiers.referral(event.referral, event.dossier_digest)
        return Pulled(dossier, await dossiers.organisation(event.organisation))

    forwarded = Reaction(intake_events_pb2.MatterForwarded, _matter_forwarded, prepare=pull_matter)
    referred = Reaction(court_link_events_pb2.ReferralReceived, _referral_received, prepare=pull_referral)
    return {
        "identity": REVOCATIONS,
        "intake": {
            "matter.forwarded": forwarded,
            "matter.party_joined": Reaction(intake_events_pb2.MatterPartyJoined, _matter_party_joined),
        },
        "court_link": {
            "referral.received": referred,
            "referral.party_joined": Reaction(court_link_events_pb2.ReferralPartyJoined, _referral_party_joined),
            "ruling.issued": Reaction(court_link_events_pb2.RulingIssued, _ruling_issued),
        },
    }


async def _matter_forwarded(
    tx: Work, event: intake_events_pb2.MatterForwarded, _envelope: Envelope, pulled: Pulled
) -> None:
    dossier = matter_pb2.MatterDossier.FromString(pulled.dossier)
    command = OpenCase(
        origin=event.matter,
        kind=CaseKind.SELF_INITIATED,
        organisation=parse_name("organisations", event.organisation),
        organisation_facts=pulled.organisation,
        regime=dossier.regime,
        parties=tuple(_matter_party(party) for party in dossier.parties),
        subject_matter=dossier.subject_matter,
        facts=dossier.facts,
        request=dossier.request,
        amount=_money(dossier),
        sample=dossier.sample,
    )
    await open_case(tx, command)


async def _referral_received(
    tx: Work, event: court_link_events_pb2.ReferralReceived, _envelope: Envelope, pulled: Pulled
) -> None:
    dossier = court_pb2.ReferralDossier.FromString(pulled.dossier)
    command = OpenCase(
        origin=event.referral,
        kind=_KINDS[event.kind],
        organisation=parse_name("organisations", event.organisation),
        organisation_facts=pulled.organisation,
        regime=dossier.regime,
        parties=tuple(_referral_party(party) for party in dossier.parties),
        court=event.court,
        summary_procedure=dossier.procedure == court_pb2.TRIAL_PROCEDURE_SUMMARY,
        subject_matter=dossier.subject_matter,
        facts=dossier.facts,
        request=dossier.request,
        amount=_money(dossier),
        sample=dossier.sample,
    )
    await open_case(tx, command)


async def _matter_party_joined(tx: Work, event: intake_events_pb2.MatterPartyJoined, *_: Any) -> None:
    await _bind(tx, event.matter, event.party, event.account)


async def _referral_party_joined(tx: Work, event: court_link_events_pb2.ReferralPartyJoined, *_: Any) -> None:
    await _bind(tx, event.referral, event.party, event.account)


async def _ruling_issued(tx: Work, event: court_link_events_pb2.RulingIssued, *_: Any) -> None:
    outcome = application_pb2.RulingOutcome.Name(event.outcome).removeprefix("RULING_OUTCOME_")
    await note_ruling(tx, parse_name("agreements", event.agreement), outcome)


async def _bind(tx: Work, origin: str, party: str, account: str) -> None:
    command = BindParty(origin=origin, party=parse_name("parties", party), account=parse_name("accounts", account))
    await bind_party(tx, command)


def _matter_party(party: matter_pb2.DossierParty) -> CaseParty:
    return CONVERTER.read(
        CaseParty,
        party,
        id=parse_name("parties", party.party),
        particulars=CONVERTER.read(Particulars, party.particulars),
        authority=_own_authority(party.particulars),
        representatives=(),
    )


def _referral_party(party: court_pb2.ReferralParty) -> CaseParty:
    read = CONVERTER.read(Particulars, party.particulars)
    side = CONVERTER.read(_Side, party).side
    account = parse_name("accounts", party.account) if party.account else None
    return CaseParty(
        id=parse_name("parties", party.name),
        side=side,
        particulars=read,
        account=account,
        authority=_own_authority(party.particulars),
    )


def _own_authority(given: party_pb2.PartyParticulars) -> Authority | None:
    """A person acts for itself. For an organisation who acts is stated later, by who holds its place."""
    return Authority.SELF if given.kind == party_pb2.PARTY_KIND_NATURAL_PERSON else None


def _money(dossier: matter_pb2.MatterDossier | court_pb2.ReferralDossier) -> Money | None:
    return CONVERTER.read(Money, dossier.amount) if dossier.HasField("amount") else None
