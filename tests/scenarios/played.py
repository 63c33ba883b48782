"""A case that a scenario plays move by move, where the demo's journey knows only the straight way."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from comity.common.v1 import party_pb2
from comity.court_link.v1 import court_link_service_pb2 as court_pb
from comity.court_link.v1 import court_pb2
from comity.intake.v1 import intake_service_pb2 as intake_pb
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb
from comity.notify.v1 import notify_service_pb2 as notify_pb

from services.cli.actor import Actor
from services.cli.journey.filing import particulars, party_of
from services.cli.mailbox import BEGINNING
from services.common.kernel.errors import DomainError
from tests.scenarios.mediated import SIDES, Mediated


class Played(Mediated):
    """The whole case: what was mediated, and what a court makes of it."""

    # Intake.

    async def tell_officers_of_pressure(self) -> None:
        """The complainant says that somebody presses it."""
        request = intake_pb.ReportPressureRequest(
            request_id=str(uuid4()), name=self.matter, party=self.parties["complainant"], text="样本 SAMPLE"
        )
        await self._complainant.call(self._services.intake.ReportPressure, request)

    # Court.

    async def applications(self) -> list[Any]:
        request = court_pb.ListApplicationsRequest(page_size=200)
        return list((await self._complainant.call(self._services.court_link.ListApplications, request)).applications)

    async def court_answer(self, agreement: str) -> Any:
        """What court_link says about an agreement, at once."""
        request = court_pb.CheckEligibilityRequest(agreement=agreement, court=self._house.court)
        return (await self._complainant.call(self._services.court_link.CheckEligibility, request)).eligibility

    async def eligibility(self, agreement: str) -> Any:
        """What court_link says, once it has the agreement."""

        async def ask() -> Any:
            found = await self.court_answer(agreement)
            unknown = any(each.reason == "AGREEMENT_NOT_SEALED" for each in found.obstacles)
            return None if unknown else found

        return await self._eventually(ask)

    async def tell_the_court_of_pressure(self) -> None:
        """The complainant says that somebody presses it."""
        (application,) = await self.applications()
        request = court_pb.ReportPressureRequest(
            request_id=str(uuid4()), name=application.name, party=self.parties["complainant"], text="样本 SAMPLE"
        )
        await self._complainant.call(self._services.court_link.ReportPressure, request)

    async def create_application(self, agreement: str) -> Any:
        request = court_pb.CreateApplicationRequest(
            request_id=str(uuid4()), agreement=agreement, court=self._house.court, truthful=True
        )
        return (await self._complainant.call(self._services.court_link.CreateApplication, request)).application

    async def on_application(self, actor: Actor, method: str, application: Any, **fields: Any) -> Any:
        return (
            await self._versioned(
                actor,
                getattr(self._services.court_link, method),
                getattr(court_pb, f"{method}Request"),
                self._reading_application(application.name),
                step=str(uuid4()),
                name=application.name,
                **fields,
            )
        ).application

    async def consent(self, application: Any, side: str) -> Any:
        return await self.consent_for(self.of(side), application, side)

    async def consent_for(self, actor: Actor, application: Any, side: str) -> Any:
        return await self.on_application(
            actor,
            "ConsentToApplication",
            application,
            party=self.parties[side],
            truthful=True,
            service_address=self.of(side).email,
            electronic_service=True,
        )

    async def filed(self, name: str) -> Any:
        return await self._filed(name)

    async def refused_for(self, agreement: str, reason: str) -> Any:
        found = await self.court_answer(agreement)
        return found if reason in {each.reason for each in found.obstacles} else None

    async def ruled(self, application: Any, outcome: int, ground: int, reasons: str) -> Any:
        court, judge = self._services.court_link, self._people.judge
        ruling = (
            await self._versioned(
                judge,
                court.PrepareRuling,
                court_pb.PrepareRulingRequest,
                self._reading_application(application.name),
                step=application.name,
                name=application.name,
                outcome=outcome,
                ground=ground,
                reasons=reasons,
            )
        ).ruling
        issue = court_pb.IssueRulingRequest(
            request_id=str(uuid4()),
            name=ruling.name,
            frozen_digest=ruling.frozen_digest,
            proof=await judge.prove(ruling.name, ruling.frozen_digest),
        )
        await judge.call(court.IssueRuling, issue)
        return await self._eventually(lambda: self._issued(ruling.name))

    async def referred(self, kind: int) -> Any:
        """A court refers its case to the committee."""
        case = self.case
        request = court_pb.CreateReferralRequest(
            request_id=str(uuid4()),
            court=self._house.court,
            organisation=self._house.mediation,
            kind=kind,
            docket_number=f"（2026）样0102民初{uuid4().int % 10**12}号",
            subject_matter="CONTRACT",
            facts=case.facts,
            request=case.request,
            amount=self._money(case.claimed),
            claimant=particulars(case.complainant, self._complainant.email),
            respondent=particulars(case.respondent, self._respondent.email),
            sample=True,
        )
        return (await self._people.clerk.call(self._services.court_link.CreateReferral, request)).referral

    async def entrusted(self) -> None:
        """Referred as entrusted; both sides claim their places, the committee takes it over and opens it."""
        case, people = self.case, self._people
        referral = await self.referred(court_pb2.REFERRAL_KIND_ENTRUSTED)
        self._parties = {
            "complainant": party_of(referral, party_pb2.PARTY_SIDE_COMPLAINANT),
            "respondent": party_of(referral, party_pb2.PARTY_SIDE_RESPONDENT),
        }
        for side, actor in ((case.complainant, self._complainant), (case.respondent, self._respondent)):
            await actor.register(side.identity_number)
            await actor.claim(await self._mailbox.invitation_for(actor.email, BEGINNING))
        self._mediation_case = await self._eventually(lambda: self._case_of(referral.name))
        await self.on_case(people.case_administrator, "AcceptReferral")
        for side in SIDES:
            await self._eventually(lambda side=side: self._joined(side))
        await self.state_who_acts()
        for side in SIDES:
            consent = {"party": self.parties[side], "mediation": True, "online": True, "step": side}
            await self.on_case(self.of(side), "ConsentToMediation", **consent)
        await self.open_case()

    async def _case_of(self, referral: str) -> Any:
        request = mediation_pb.ListCasesRequest(page_size=200)
        cases = (await self._people.case_administrator.call(self._services.mediation.ListCases, request)).cases
        return next((each.name for each in cases if each.origin == referral), None)

    async def _joined(self, side: str) -> Any:
        cases = (await self.of(side).call(self._services.mediation.ListCases, mediation_pb.ListCasesRequest())).cases
        return next((each for each in cases if each.name == self.name), None)

    async def application(self, name: str) -> Any:
        return await self._reading_application(name)(self._complainant)

    # Notify.

    async def notices(self, actor: Actor) -> list[Any]:
        request = notify_pb.ListNoticesRequest(page_size=200)
        return list((await actor.call(self._services.notify.ListNotices, request)).notices)

    async def until(self, ask: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
        """Asks until the answer is something."""
        return await self._eventually(ask, seconds)


async def refusal(call: Awaitable[Any]) -> DomainError:
    """What was refused; an answer instead fails the test."""
    try:
        answer = await call
    except DomainError as error:
        return error
    pytest.fail(f"this should have been refused and was answered: {answer}")


__all__ = ["SIDES", "Played", "refusal"]
