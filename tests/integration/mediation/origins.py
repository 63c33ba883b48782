"""Cases of tests come in as they really do: by an event and its dossier. 样本 SAMPLE."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from comity.common.v1 import party_pb2
from comity.court_link.v1 import court_link_events_pb2, court_pb2
from comity.intake.v1 import intake_events_pb2, matter_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from tests.integration.mediation.calls import Calls

_REGIMES: dict[int, str] = {
    court_pb2.REFERRAL_KIND_DELEGATED: "SPECIAL_INVITED_DELEGATED@2024",
    court_pb2.REFERRAL_KIND_ENTRUSTED: "SPECIAL_INVITED_ENTRUSTED@2024",
}


class Origins(Calls):
    """Where cases come from: forwarded matters and courts' referrals."""

    async def forward(
        self,
        *,
        subject_matter: str = "CONSUMER",
        regime: str = "PEOPLES@2024",
        particulars: Sequence[party_pb2.PartyParticulars] = (),
        **changes: Any,
    ) -> str:
        """A matter that both sides agree to mediate, forwarded; gives the case's name. ``particulars`` of the sides."""
        matter = f"matters/{uuid4()}"
        consent = Timestamp()
        consent.FromDatetime(self.clock.now())
        dossier = matter_pb2.MatterDossier(
            matter=matter,
            number="2026-000001",
            regime=regime,
            subject_matter=subject_matter,
            facts="样本 SAMPLE:预付卡余额未退。",
            request="退还余额。",
            parties=[
                _party(self.party_a, self.complainant, party_pb2.PARTY_SIDE_COMPLAINANT, "王样本", consent),
                _party(self.party_b, self.respondent, party_pb2.PARTY_SIDE_RESPONDENT, "样本商贸有限公司", consent),
            ],
            sample=True,
        )
        for party, given in zip(dossier.parties, particulars, strict=False):
            party.particulars.CopyFrom(given)
        for name, value in changes.items():
            setattr(dossier, name, value)
        event = intake_events_pb2.MatterForwarded(
            matter=matter,
            organisation=f"organisations/{self.organisation}",
            regime=regime,
            dossier_digest=self.sources.keep(dossier),
        )
        await self.hear("intake", "matter.forwarded", event, matter)
        return await self.case_of(matter)

    async def refer(
        self, kind: int = court_pb2.REFERRAL_KIND_DELEGATED, regime: str = "", *, summary: bool = False
    ) -> str:
        """A court's referral under the regime of its kind; gives the case's name, in REFERRED."""
        referral = f"referrals/{uuid4()}"
        dossier = court_pb2.ReferralDossier(
            referral=referral,
            kind=kind,  # type: ignore[arg-type]
            regime=regime or _REGIMES[kind],
            court=f"courts/{uuid4()}",
            procedure=court_pb2.TRIAL_PROCEDURE_SUMMARY if summary else court_pb2.TRIAL_PROCEDURE_UNSPECIFIED,
            subject_matter="SECURITIES",
            facts="样本 SAMPLE:证券虚假陈述。",
            parties=[
                _referral_party(self.party_a, self.complainant, party_pb2.PARTY_SIDE_COMPLAINANT, "王样本"),
                _referral_party(self.party_b, self.respondent, party_pb2.PARTY_SIDE_RESPONDENT, "样本股份公司"),
            ],
            sample=True,
        )
        event = court_link_events_pb2.ReferralReceived(
            referral=referral,
            court=dossier.court,
            organisation=f"organisations/{self.organisation}",
            kind=kind,  # type: ignore[arg-type]
            dossier_digest=self.sources.keep(dossier),
        )
        await self.hear("court_link", "referral.received", event, referral)
        return await self.case_of(referral)


def _party(party: UUID, account: UUID, side: int, name: str, consent: Timestamp) -> matter_pb2.DossierParty:
    return matter_pb2.DossierParty(
        party=f"parties/{party}",
        side=side,  # type: ignore[arg-type]
        particulars=_particulars(name, side),
        account=f"accounts/{account}",
        authority=party_pb2.AUTHORITY_SELF,
        mediation_consent_time=consent,
        online_consent_time=consent,
    )


def _referral_party(party: UUID, account: UUID, side: int, name: str) -> court_pb2.ReferralParty:
    return court_pb2.ReferralParty(
        name=f"parties/{party}",
        side=side,  # type: ignore[arg-type]
        particulars=_particulars(name, side),
        account=f"accounts/{account}",
    )


def _particulars(name: str, side: int) -> party_pb2.PartyParticulars:
    return party_pb2.PartyParticulars(
        display_name=name,
        kind=party_pb2.PARTY_KIND_NATURAL_PERSON if side == 1 else party_pb2.PARTY_KIND_ORGANISATION,
        identity_number="110101199003070011" if side == 1 else "91110000600037341X",
        address="样本路1号",
        phone=f"+861380000000{side}",
        locale="zh",
    )
