"""Stage 5: both parties apply to the court, which hears them and confirms the agreement by a ruling."""

from collections.abc import Awaitable, Callable
from typing import Any

from comity.court_link.v1 import application_pb2
from comity.court_link.v1 import court_link_service_pb2 as court_pb

from services.cli.actor import Actor
from services.cli.journey.moves import Moves, due
from services.common.kernel.errors import DomainError, ErrorKind
from services.common.kernel.house import local_day
from services.common.kernel.ids import derived_id


class Court(Moves):
    """From the joint application to the ruling."""

    async def apply_and_rule(self) -> None:
        """Both parties apply; the court accepts, hears them and confirms."""
        with self._narrator.step(self.case.key, "both parties apply to the court; filed once") as details:
            window = await self._eventually(self._eligible)
            self.papers.window = window.due_date
            details.append(f"window ends {due(window)}")
            application = await self._apply()
            application = await self._eventually(lambda: self._filed(application.name))
            details.append(f"receipt {application.receipt_number}")
        with self._narrator.step(
            self.case.key, "court accepts, hears both parties, confirms and seals its ruling"
        ) as details:
            ruling = await self._rule(await self._hear(application))
            self.papers.ruling_number = ruling.number
            details.append(f"ruling {ruling.number}")
        self.papers.ruling = await self._ruling_document(ruling.name)

    async def _apply(self) -> Any:
        court = self._services.court_link
        create = court_pb.CreateApplicationRequest(
            request_id=self._complainant.request_id(f"apply {self._run}"),
            agreement=self.papers.agreement_name,
            court=self._house.court,
            truthful=True,
        )
        application = (await self._repeatable(self._complainant, court.CreateApplication, create)).application
        for actor, party in self._sides():
            application = await self._application_step(
                actor,
                court.ConsentToApplication,
                court_pb.ConsentToApplicationRequest,
                application,
                party=party,
                truthful=True,
                service_address=f"{actor.email}",
                electronic_service=True,
            )
        return application

    async def _eligible(self) -> Any:
        request = court_pb.CheckEligibilityRequest(agreement=self.papers.agreement_name, court=self._house.court)
        try:
            response = await self._complainant.call(self._services.court_link.CheckEligibility, request)
        except DomainError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return None
            raise
        applied = any(each.reason in ("ALREADY_APPLIED", "ALREADY_DECIDED") for each in response.eligibility.obstacles)
        return response.eligibility.window if response.eligibility.eligible or applied else None

    async def _filed(self, name: str) -> Any:
        application = await self._reading_application(name)(self._complainant)
        early = (application_pb2.APPLICATION_STATE_DRAFT, application_pb2.APPLICATION_STATE_FILING)
        return None if application.state in early else application

    async def _application_step(self, actor: Actor, method: Any, message: Any, application: Any, **fields: Any) -> Any:
        name = application.name
        read = self._reading_application(name)
        return (await self._versioned(actor, method, message, read, step=name, name=name, **fields)).application

    def _reading_application(self, name: str) -> Callable[[Actor], Awaitable[Any]]:
        async def read(actor: Actor) -> Any:
            request = court_pb.GetApplicationRequest(name=name)
            return (await actor.call(self._services.court_link.GetApplication, request)).application

        return read

    async def _hear(self, application: Any) -> Any:
        court, people = self._services.court_link, self._people
        application = await self._application_step(
            people.clerk,
            court.AcceptApplication,
            court_pb.AcceptApplicationRequest,
            application,
            docket_number=f"（{local_day(self._clock.now()).year}）样0102诉前调确{derived_id(self._run).int % 10**12}号",
        )
        return await self._application_step(
            people.judge, court.HoldInquiry, court_pb.HoldInquiryRequest, application, minutes=self.case.minutes
        )

    async def _rule(self, application: Any) -> Any:
        court, judge = self._services.court_link, self._people.judge
        response = await self._versioned(
            judge,
            court.PrepareRuling,
            court_pb.PrepareRulingRequest,
            self._reading_application(application.name),
            step=application.name,
            name=application.name,
            outcome=application_pb2.RULING_OUTCOME_CONFIRMED,
            reasons=self.case.reasons,
        )
        ruling = response.ruling
        issue = court_pb.IssueRulingRequest(
            request_id=judge.request_id(f"issue {ruling.name}"),
            name=ruling.name,
            frozen_digest=ruling.frozen_digest,
        )
        await self._proven(judge, court.IssueRuling, issue)
        return await self._eventually(lambda: self._issued(ruling.name))

    async def _issued(self, name: str) -> Any:
        request = court_pb.GetRulingRequest(name=name)
        ruling = (await self._people.judge.call(self._services.court_link.GetRuling, request)).ruling
        return ruling if ruling.state == application_pb2.RULING_STATE_ISSUED else None

    async def _ruling_document(self, name: str) -> bytes:
        document = application_pb2.APPLICATION_DOCUMENT_RULING
        request = court_pb.DownloadDocumentRequest(name=name, document=document)
        return await self._complainant.download(self._services.court_link.DownloadDocument, request)
