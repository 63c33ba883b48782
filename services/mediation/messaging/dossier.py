"""The dossier of a sealed agreement: what a court may see, and nothing else. No offer, no note, no concession."""

from comity.common.v1 import party_pb2
from comity.mediation.v1 import agreement_pb2 as pb
from comity.mediation.v1 import case_pb2, terms_pb2

from services.common.kernel.ids import resource_name
from services.common.regimes import SlotRole
from services.mediation.domain.agreement import Agreement
from services.mediation.domain.case import Case
from services.mediation.domain.signing_round import SigningRound
from services.mediation.wire import CONVERTER


def write_dossier(case: Case, agreement: Agreement, signing_round: SigningRound, facts: list[str]) -> bytes:
    """The bytes of the AgreementDossier; the same facts give the same bytes."""
    dossier = pb.AgreementDossier(
        agreement=resource_name("agreements", agreement.id),
        number=agreement.number,
        case=resource_name("cases", case.id),
        case_number=case.number,
        origin=case.origin,
        court=case.court,
        organisation=resource_name("organisations", case.organisation_id),
        organisation_display_name=case.organisation_facts.display_name,
        organisation_region_code=case.organisation_facts.region_code,
        regime=case.regime,
        kind=case_pb2.CaseKind.Value(f"CASE_KIND_{case.kind.name}"),
        subject_matter=case.subject_matter,
        parties=[_party(case, signing_round, index) for index in range(len(case.parties))],
        mediator_display_name=case.mediator_name,
        effectiveness_rule=agreement.effectiveness_rule,
        sealed_digest=signing_round.sealed_digest,
        terms_digest=agreement.terms_digest,
        frozen_digest=agreement.frozen_digest,
        terms=CONVERTER.write(agreement.terms, terms_pb2.Terms),
        certificates=[pb.SlotCertificate(slot=slot.slot, fingerprint=slot.fingerprint) for slot in signing_round.slots],
        undisputed_facts=facts,
        sample=agreement.sample,
    )
    if agreement.effective_time is not None:
        dossier.effective_time.FromDatetime(agreement.effective_time)
    return dossier.SerializeToString(deterministic=True)


def _party(case: Case, signing_round: SigningRound, index: int) -> pb.DossierParty:
    """A party in full, with the authority on which its slot was signed."""
    party = case.parties[index]
    signed = next(slot for slot in signing_round.slots if slot.role is SlotRole.PARTY and slot.party == party.id)
    message = pb.DossierParty(
        party=resource_name("parties", party.id),
        particulars=CONVERTER.write(party.particulars, party_pb2.PartyParticulars),
        account=resource_name("accounts", party.account) if party.account else "",
    )
    message.side = party_pb2.PartySide.Value(f"PARTY_SIDE_{party.side.name}")
    signer = signed.signer(signed.account)
    if signer.authority is not None:
        message.authority = party_pb2.Authority.Value(f"AUTHORITY_{signer.authority.name}")
    if signer.on_behalf_of:
        message.acting_name = signer.name
        acting = next(each for each in party.representatives if each.account == signer.account)
        message.acting_employer, message.acting_duty = acting.employer, acting.duty
    return message
