"""Stage 3: the case is opened by a mediator, a joint session is held, and its record is confirmed by all."""

from datetime import timedelta
from typing import Any

from comity.common.v1 import party_pb2
from comity.mediation.v1 import agreement_pb2, session_pb2
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb

from services.cli.actor import Actor
from services.cli.journey.moves import Moves


class Meeting(Moves):
    """From the mediator's appointment to a confirmed session record."""

    async def open_case(self) -> None:
        """A mediator is appointed, discloses, and opens."""
        people, mediation = self._people, self._services.mediation
        with self._narrator.step(self.case.key, "mediator appointed, no conflict disclosed, case opened") as details:
            await self._case_step(
                people.case_administrator,
                mediation.AppointMediator,
                mediation_pb.AppointMediatorRequest,
                mediator=self._mediator_name,
            )
            await self._case_step(
                self._mediator,
                mediation.DiscloseConflict,
                mediation_pb.DiscloseConflictRequest,
                statement="与本案各方无任何关系。No relation to anybody in this case.",
            )
            await self.read_the_notice()
            opened = await self._case_step(
                self._mediator,
                mediation.OpenCase,
                mediation_pb.OpenCaseRequest,
                identities_checked=True,
            )
            details.append(f"case {opened.case.number}")

    async def read_the_notice(self) -> None:
        """Each party reads its rights and duties and the warning against sham mediation, and says so."""
        mediation = self._services.mediation
        for actor, party in self._sides():
            asked = mediation_pb.GetCaseNoticeRequest(name=self._mediation_case)
            notice = await actor.call(mediation.GetCaseNotice, asked)
            await self._case_step(
                actor,
                mediation.AcknowledgeNotice,
                mediation_pb.AcknowledgeNoticeRequest,
                party=party,
                digest=notice.digest,
            )

    async def state_who_acts(self) -> None:
        """An organisation says who acts for it, and on what authority, before it does anything."""
        people, sides = (self.case.complainant, self.case.respondent), self._sides()
        for side, (actor, party) in zip(people, sides, strict=True):
            if side.organisation:
                with self._narrator.step(self.case.key, f"{side.legal_representative} stated as acting"):
                    await self._case_step(
                        actor,
                        self._services.mediation.AppointRepresentative,
                        mediation_pb.AppointRepresentativeRequest,
                        party=party,
                        account=actor.account,
                        display_name=side.legal_representative,
                        authority=party_pb2.AUTHORITY_LEGAL_REPRESENTATIVE,
                    )

    async def meet(self) -> None:
        """One joint session, its notice period waived on the record, and its record confirmed by all."""
        with self._narrator.step(self.case.key, "joint session held, notice waived on the record"):
            session = await self._hold(await self._check_in(await self._waive_notice(await self._schedule())))
        with self._narrator.step(
            self.case.key, "session record written, confirmed by everybody who was there, and sealed"
        ):
            await self._record(session)

    async def _schedule(self) -> Any:
        start = self._clock.now() + timedelta(seconds=1)
        response = await self._case_write(
            self._mediator,
            self._services.mediation.ScheduleSession,
            mediation_pb.ScheduleSessionRequest,
            kind=session_pb2.SESSION_KIND_JOINT,
            start_time=start,
            end_time=start + timedelta(minutes=30),
        )
        return response.session

    async def _waive_notice(self, session: Any) -> Any:
        method, message = self._services.mediation.WaiveNotice, mediation_pb.WaiveNoticeRequest
        for actor, party in self._sides():
            session = await self._session_step(actor, method, message, session, party=party)
        return session

    async def _check_in(self, session: Any) -> Any:
        for actor, party in self._sides():
            session = await self._session_step(
                self._mediator,
                self._services.mediation.CheckIn,
                mediation_pb.CheckInRequest,
                session,
                party=party,
                account=actor.account,
                identity_method="一次性验证码登录",
            )
        return session

    async def _hold(self, session: Any) -> Any:
        mediator, mediation = self._mediator, self._services.mediation
        session = await self._session_step(mediator, mediation.StartSession, mediation_pb.StartSessionRequest, session)
        return await self._session_step(
            mediator,
            mediation.EndSession,
            mediation_pb.EndSessionRequest,
            session,
            result=session_pb2.SESSION_RESULT_HELD,
        )

    async def _session_step(self, actor: Actor, method: Any, message: Any, session: Any, **fields: Any) -> Any:
        async def version(_actor: Actor) -> Any:
            return session

        step = str(fields.get("party", ""))
        response = await self._versioned(actor, method, message, version, step=step, name=session.name, **fields)
        return response.session

    async def _record(self, session: Any) -> None:
        mediator, mediation = self._mediator, self._services.mediation
        request = mediation_pb.DraftSessionRecordRequest(
            request_id=mediator.request_id(f"record {self._run}"),
            session=session.name,
            version=session.version,
            statements=[
                session_pb2.Statement(party=self._parties["complainant"], text=self.case.statement),
                session_pb2.Statement(party=self._parties["respondent"], text=self.case.answer),
            ],
            undisputed_facts=[self.case.undisputed],
            result="双方同意继续协商",
        )
        record = (await self._repeatable(mediator, mediation.DraftSessionRecord, request)).session_record
        for actor in (self._complainant, self._respondent):
            confirm = mediation_pb.ConfirmSessionRecordRequest(
                request_id=actor.request_id(f"confirm {self._run}"),
                name=record.name,
                version=record.version,
                response=session_pb2.RECORD_RESPONSE_CONFIRM,
            )
            record = (await self._repeatable(actor, mediation.ConfirmSessionRecord, confirm)).session_record
        await self._eventually(lambda: self._record_sealed(record.name))
        self.papers.session_record = await self._document(record.name, agreement_pb2.DOCUMENT_FORM_SIGNED)

    async def _record_sealed(self, name: str) -> bool | None:
        request = mediation_pb.GetSessionRecordRequest(name=name)
        record = (await self._complainant.call(self._services.mediation.GetSessionRecord, request)).session_record
        return True if record.document_digest else None
