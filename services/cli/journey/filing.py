"""Stage 1, at the intake office: the complaint is filed, triaged, accepted and given to an officer."""

from typing import Any

from comity.common.v1 import money_pb2, party_pb2
from comity.intake.v1 import intake_service_pb2 as intake_pb
from comity.intake.v1 import matter_pb2

from services.cli.journey.moves import Moves, due
from services.cli.sample_cases import SampleCase, Side

REGIME = "PEOPLES"


class Filing(Moves):
    """From the complaint to an officer who has spoken with both sides."""

    async def file(self) -> str:
        """The complainant registers and files; the matter's number comes back."""
        case, person = self.case, self._complainant
        with self._narrator.step(case.key, "complaint filed") as details:
            await person.register(case.complainant.identity_number)
            matter = (await person.call(self._services.intake.FileMatter, self._complaint())).matter
            self._matter = matter.name
            self._parties = {
                "complainant": party_of(matter, party_pb2.PARTY_SIDE_COMPLAINANT),
                "respondent": party_of(matter, party_pb2.PARTY_SIDE_RESPONDENT),
            }
            details.append(f"number {matter.number}")
            details += [f"acceptance due {due(each)}" for each in matter.deadlines]
        return str(matter.number)

    def _complaint(self) -> intake_pb.FileMatterRequest:
        filing = complaint(self.case, self._complainant.email, self._respondent.email)
        filing.request_id, filing.organisation = self._complainant.request_id("file"), self._house.intake
        return filing

    async def take_over(self, matter: str) -> None:
        """The matter was filed by an officer: its parties are found in it."""
        self._matter = matter
        filed = await self._get_matter(self._people.officer)
        self._parties = {
            "complainant": party_of(filed, party_pb2.PARTY_SIDE_COMPLAINANT),
            "respondent": party_of(filed, party_pb2.PARTY_SIDE_RESPONDENT),
        }

    async def take_up(self) -> None:
        """The officer triages, accepts, takes charge and speaks with both sides."""
        officer, intake = self._people.officer, self._services.intake
        with self._narrator.step(self.case.key, "triaged, accepted and assigned; both sides contacted"):
            await self._matter_step(
                officer,
                intake.TriageMatter,
                intake_pb.TriageMatterRequest,
                regime=REGIME,
                severity=matter_pb2.SEVERITY_ORDINARY,
            )
            await self._matter_step(officer, intake.AcceptMatter, intake_pb.AcceptMatterRequest)
            await self._matter_step(
                officer, intake.AssignMatter, intake_pb.AssignMatterRequest, officer=officer.account
            )
            for party in self._parties.values():
                await self._contact(party)

    async def _contact(self, party: str) -> None:
        await self._matter_step(
            self._people.officer,
            self._services.intake.RecordContact,
            intake_pb.RecordContactRequest,
            step=party,
            party=party,
            channel=matter_pb2.CHANNEL_HOTLINE,
            contact_time=self._clock.now(),
            reached=True,
            remarks="",
        )


def complaint(case: SampleCase, complainant: str, respondent: str) -> intake_pb.FileMatterRequest:
    """A sample case as it is filed, without request id and organisation; its sides have these mail addresses."""
    return intake_pb.FileMatterRequest(
        kind=matter_pb2.MATTER_KIND_COMPLAINT,
        channel=matter_pb2.CHANNEL_WEB,
        subject_matter=case.subject_matter,
        facts=case.facts,
        request=case.request,
        amount=money_pb2.Money(currency=case.currency, minor_units=case.claimed),
        complainant=particulars(case.complainant, complainant),
        respondent=particulars(case.respondent, respondent),
        sample=True,
        source_facts=dict(case.source_facts),
    )


def particulars(side: Side, email: str) -> party_pb2.PartyParticulars:
    """A side of a sample case as intake and courts take it."""
    kinds = party_pb2
    return party_pb2.PartyParticulars(
        display_name=side.display_name,
        kind=kinds.PARTY_KIND_ORGANISATION if side.organisation else kinds.PARTY_KIND_NATURAL_PERSON,
        identity_number=side.identity_number,
        address=side.address,
        region_code=side.region_code,
        email=email,
        phone=side.phone,
        locale=side.locale,
    )


def party_of(matter: Any, side: int) -> str:
    """The name of the party on this side of a matter or referral."""
    return str(next(party.name for party in matter.parties if party.side == side))
