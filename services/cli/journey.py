"""One dispute, driven through the public API as its people would: from filing to a ruling, or to another end.

Every write's request id follows from the run and the step, so an interrupted run that is started again repeats what was
done and goes on where it stopped.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any, TypeVar

from comity.common.v1 import money_pb2, party_pb2
from comity.court_link.v1 import application_pb2
from comity.court_link.v1 import court_link_service_pb2 as court_pb
from comity.intake.v1 import intake_service_pb2 as intake_pb
from comity.intake.v1 import matter_pb2
from comity.mediation.v1 import agreement_pb2, case_pb2, offer_pb2, session_pb2, terms_pb2
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb
from comity.notify.v1 import notice_pb2
from comity.notify.v1 import notify_service_pb2 as notify_pb

from services.cli.actor import Actor
from services.cli.complaints import End
from services.cli.mailbox import BEGINNING
from services.cli.progress import Narrator
from services.cli.sample_cases import SampleCase, Side
from services.cli.visit import Visit
from services.common.kernel.clock import Clock, SystemClock
from services.common.kernel.errors import DomainError, ErrorKind
from services.common.kernel.ids import derived_id

T = TypeVar("T")

REGIME = "PEOPLES"
_DOMAIN = "sample.invalid"
_WAIT_SECONDS = 90.0
_REMEDIES = "仲裁、行政处理或者向人民法院起诉。Arbitration, the administration, or a lawsuit. (样本 SAMPLE)"
_NO_MEDIATION = {
    End.REFERRED_ELSEWHERE: matter_pb2.NO_MEDIATION_REASON_REFERRED_ELSEWHERE,
    End.OTHER_SIDE_UNREACHABLE: matter_pb2.NO_MEDIATION_REASON_OTHER_SIDE_UNREACHABLE,
    End.COMPLAINANT_GONE: matter_pb2.NO_MEDIATION_REASON_COMPLAINANT_UNREACHABLE,
}
_PAYMENT_DAYS = 14


@dataclass(slots=True)
class Papers:
    """What a finished journey leaves behind."""

    agreement: bytes = b""
    session_record: bytes = b""
    terms: bytes = b""
    ruling: bytes = b""
    agreement_name: str = ""
    effective: str = ""
    window: str = ""
    ruling_number: str = ""


class Journey:
    """One case of one run."""

    def __init__(
        self,
        visited: Visit,
        case: SampleCase,
        narrator: Narrator,
        run: str,
        lane: int = 0,
        clock: Clock | None = None,
    ) -> None:
        """``lane`` says which mediator takes the case: nobody can sit in two sessions at once."""
        services, mailbox, people, house = visited.services, visited.mailbox, visited.people, visited.house
        self.case = case
        self.papers = Papers()
        self._clock = clock or SystemClock()
        self._services = services
        self._mailbox = mailbox
        self._people = people
        self._house = house
        self._narrator = narrator
        self._journal = visited.journal
        # Addresses are this run's own, so that any invitation to them is meant, one to an earlier life too.
        self._start = BEGINNING
        self._run = f"{run} {case.key}"
        self._mediator = people.mediators[lane]
        self._mediator_name = house.mediators[lane]
        self._complainant = self._actor(case.complainant)
        self._respondent = self._actor(case.respondent)
        self._matter = ""
        self._mediation_case = ""
        self._parties: dict[str, str] = {}

    async def to_ruling(self) -> Papers:
        """The whole way to a confirmed settlement."""
        await self.file()
        await self.take_up()
        await self.both_agree_to_mediate()
        await self.open_case()
        await self.meet()
        await self.negotiate()
        await self.sign()
        await self.apply_and_rule()
        await self.close()
        return self.papers

    async def settle(self) -> None:
        """The whole way, without the papers being looked at."""
        await self.to_ruling()

    async def settled_amount(self) -> int:
        """What the sealed agreement says is paid, in minor units, as mediation keeps it."""
        request = mediation_pb.GetAgreementRequest(name=self.papers.agreement_name)
        agreement = (await self._complainant.call(self._services.mediation.GetAgreement, request)).agreement
        return int(agreement.terms.total.minor_units)

    async def end_otherwise(self, end: End) -> None:
        """To an end without a settlement, as it was published."""
        if end is End.WITHDRAWN:
            await self._matter_step(
                self._complainant, self._services.intake.WithdrawMatter, intake_pb.WithdrawMatterRequest, reason=""
            )
        elif end is End.DECLINED:
            await self._decline()
        elif end is End.NO_AGREEMENT:
            await self.take_up()
            await self.both_agree_to_mediate()
            await self.open_case()
            await self._terminate()
        else:
            await self.take_up()
            await self._end_without_mediation(_NO_MEDIATION[end])

    async def _decline(self) -> None:
        officer, intake = self._people.officer, self._services.intake
        await self._matter_step(
            officer,
            intake.DeclineMatter,
            intake_pb.DeclineMatterRequest,
            ground=matter_pb2.DECLINE_GROUND_NO_DISPUTE,
            remedies=_REMEDIES,
        )

    async def _terminate(self) -> None:
        await self._case_step(
            self._mediator,
            self._services.mediation.TerminateCase,
            mediation_pb.TerminateCaseRequest,
            reason=case_pb2.TERMINATION_REASON_GAP_TOO_WIDE,
            statement=f"Published: {dict(self.case.source_facts).get('result', '')} (sample)",
            remedies=_REMEDIES,
        )
        await self._eventually(lambda: self._in_state(matter_pb2.MATTER_STATE_CALL_BACK_PENDING))

    async def _end_without_mediation(self, reason: "matter_pb2.NoMediationReason.ValueType") -> None:
        await self._matter_step(
            self._people.officer,
            self._services.intake.EndWithoutMediation,
            intake_pb.EndWithoutMediationRequest,
            reason=reason,
            remedies=_REMEDIES,
        )

    async def file(self) -> str:
        """The complainant registers and files; the matter's number comes back."""
        case, person = self.case, self._complainant
        with self._narrator.step(case.key, "complaint filed") as details:
            await person.register(case.complainant.identity_number, case.complainant.phone)
            request = intake_pb.FileMatterRequest(
                request_id=person.request_id("file"),
                organisation=self._house.intake,
                kind=matter_pb2.MATTER_KIND_COMPLAINT,
                channel=matter_pb2.CHANNEL_WEB,
                subject_matter=case.subject_matter,
                facts=case.facts,
                request=case.request,
                amount=self._money(case.claimed),
                complainant=_particulars(case.complainant, self._complainant.email),
                respondent=_particulars(case.respondent, self._respondent.email),
                sample=True,
                source_facts=dict(case.source_facts),
            )
            matter = (await person.call(self._services.intake.FileMatter, request)).matter
            self._matter = matter.name
            self._parties = {
                "complainant": _party(matter, party_pb2.PARTY_SIDE_COMPLAINANT),
                "respondent": _party(matter, party_pb2.PARTY_SIDE_RESPONDENT),
            }
            details.append(f"number {matter.number}")
            details += [f"acceptance due {_date(each)}" for each in matter.deadlines]
        return str(matter.number)

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
                await self._matter_step(
                    officer,
                    intake.RecordContact,
                    intake_pb.RecordContactRequest,
                    step=party,
                    party=party,
                    channel=matter_pb2.CHANNEL_HOTLINE,
                    contact_time=self._clock.now(),
                    reached=True,
                    remarks="",
                )

    async def both_agree_to_mediate(self) -> None:
        """The other side claims its place by invitation; both consent; the matter goes to mediation."""
        officer, intake = self._people.officer, self._services.intake
        side = self.case.respondent
        with self._narrator.step(self.case.key, "other side invited, has claimed its place with a code"):
            await self._respondent.register(side.identity_number, side.phone)
            await self._matter_step(
                officer, intake.InviteParty, intake_pb.InvitePartyRequest, party=self._parties["respondent"]
            )
            if not await self._respondent_is_bound():
                invitation = await self._mailbox.invitation_for(self._respondent.email, self._start)
                await self._claim(invitation)
                await self._eventually(self._respondent_is_bound)
        with self._narrator.step(self.case.key, "both sides agree to mediate; forwarded to mediation"):
            for actor, party in self._sides():
                await self._matter_step(
                    actor,
                    intake.RecordConsent,
                    intake_pb.RecordConsentRequest,
                    party=party,
                    mediation=True,
                    online=True,
                )
            await self._matter_step(
                officer, intake.ForwardMatter, intake_pb.ForwardMatterRequest, organisation=self._house.mediation
            )
            self._mediation_case = await self._eventually(self._opened_case)

    async def _claim(self, invitation: str) -> None:
        try:
            await self._respondent.claim(invitation)
        except DomainError as refusal:
            # A used invitation is as unknown as one that never was; if it was used here, the place is ours soon.
            if refusal.kind is not ErrorKind.NOT_FOUND:
                raise

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
            opened = await self._case_step(
                self._mediator,
                mediation.OpenCase,
                mediation_pb.OpenCaseRequest,
                rights_told=True,
                sham_warning_given=True,
                identities_checked=True,
            )
            details.append(f"case {opened.case.number}")

    async def meet(self) -> None:
        """One joint session, its notice period waived on the record, and its record confirmed by all."""
        mediator, mediation = self._mediator, self._services.mediation
        with self._narrator.step(self.case.key, "joint session held, notice waived on the record"):
            session = await self._schedule()
            for actor, party in self._sides():
                session = await self._session_step(
                    actor, mediation.WaiveNotice, mediation_pb.WaiveNoticeRequest, session, party=party
                )
            for actor, party in self._sides():
                session = await self._session_step(
                    mediator,
                    mediation.CheckIn,
                    mediation_pb.CheckInRequest,
                    session,
                    party=party,
                    account=actor.account,
                    identity_method="一次性验证码登录 signed in with a one-time code",
                )
            session = await self._session_step(
                mediator, mediation.StartSession, mediation_pb.StartSessionRequest, session
            )
            session = await self._session_step(
                mediator,
                mediation.EndSession,
                mediation_pb.EndSessionRequest,
                session,
                result=session_pb2.SESSION_RESULT_HELD,
            )
        with self._narrator.step(
            self.case.key, "session record written, confirmed by everybody who was there, and sealed"
        ):
            await self._record(session)

    async def negotiate(self) -> None:
        """An offer, a counter-offer, an acceptance."""
        mediation = self._services.mediation
        with self._narrator.step(self.case.key, "offer, counter-offer, acceptance") as details:
            first = await self._offer(self._complainant, "complainant", self.case.offered, "")
            second = await self._offer(self._respondent, "respondent", self.case.countered, first.name)
            request = mediation_pb.RespondToOfferRequest(
                request_id=self._complainant.request_id("accept offer"),
                name=second.name,
                version=second.version,
                party=self._parties["complainant"],
                accept=True,
            )
            await self._repeatable(self._complainant, mediation.RespondToOffer, request)
            details.append(f"{self.case.currency} {self.case.countered / 100:.2f}")

    async def sign(self) -> None:
        """The agreement is drafted and frozen; parties, mediator and seal sign it."""
        mediation = self._services.mediation
        with self._narrator.step(self.case.key, "agreement drafted, checked and frozen") as details:
            draft = await self._case_write(
                self._mediator,
                mediation.DraftAgreement,
                mediation_pb.DraftAgreementRequest,
                terms=self._terms(self.case.countered),
            )
            freeze = mediation_pb.FreezeAgreementRequest(
                request_id=self._mediator.request_id(f"freeze {self._run}"),
                name=draft.agreement.name,
                version=draft.agreement.version,
            )
            frozen = await self._repeatable(self._mediator, mediation.FreezeAgreement, freeze)
            details.append(f"{frozen.agreement.number}, SHA-256 {frozen.signing_round.frozen_digest.hex()[:16]}…")
        signing_round = frozen.signing_round
        tiers = agreement_pb2
        with self._narrator.step(self.case.key, "both parties, the mediator and the seal have signed") as details:
            for slot in signing_round.slots:
                if slot.tier == tiers.SLOT_TIER_PARTY:
                    await self._sign_slot(self._signer(slot.party), signing_round, slot.slot)
            await self._eventually(lambda: self._round_in(signing_round.name, tiers.ROUND_STATE_PARTIES_COMPLETE))
            for slot in signing_round.slots:
                if slot.tier == tiers.SLOT_TIER_MEDIATOR:
                    await self._sign_slot(self._mediator, signing_round, slot.slot)
            await self._eventually(lambda: self._round_in(signing_round.name, tiers.ROUND_STATE_MEDIATOR_SIGNED))
            await self._seal(signing_round)
            agreement = await self._eventually(lambda: self._sealed(draft.agreement.name))
            effective = agreement.effective_time.ToDatetime(tzinfo=UTC)
            self.papers.effective = effective.isoformat()
            details.append(f"effective {effective:%Y-%m-%d %H:%M} UTC by {agreement.effectiveness_rule}")
        self.papers.agreement_name = agreement.name
        forms = agreement_pb2
        self.papers.agreement = await self._document(agreement.name, forms.DOCUMENT_FORM_SIGNED)
        self.papers.terms = await self._document(agreement.name, forms.DOCUMENT_FORM_TERMS)

    async def apply_and_rule(self) -> None:
        """Both parties apply; the court accepts, hears them and confirms."""
        court, people = self._services.court_link, self._people
        with self._narrator.step(self.case.key, "both parties apply to the court; filed once") as details:
            window = await self._eventually(self._eligible)
            self.papers.window = window.due_date
            details.append(f"window ends {_date(window)}")
            application = await self._apply()
            application = await self._eventually(lambda: self._filed(application.name))
            details.append(f"receipt {application.receipt_number}")
        with self._narrator.step(
            self.case.key, "court accepts, hears both parties, confirms and seals its ruling"
        ) as details:
            number = f"（2026）样0102诉前调确{derived_id(self._run).int % 100000}号"
            application = await self._application_step(
                people.clerk,
                court.AcceptApplication,
                court_pb.AcceptApplicationRequest,
                application,
                docket_number=number,
            )
            application = await self._application_step(
                people.judge, court.HoldInquiry, court_pb.HoldInquiryRequest, application, minutes=self.case.minutes
            )
            ruling = await self._rule(application)
            self.papers.ruling_number = ruling.number
            details.append(f"ruling {ruling.number}")
        download = court_pb.DownloadDocumentRequest(
            name=ruling.name, document=application_pb2.APPLICATION_DOCUMENT_RULING
        )
        self.papers.ruling = await self._complainant.download(court.DownloadDocument, download)

    async def close(self) -> None:
        """The officer calls the complainant back and the matter is closed."""
        officer, notify = self._people.officer, self._services.notify
        with self._narrator.step(self.case.key, "complainant called back; matter closed"):
            due = await self._eventually(self._call_back)
            if due is True:
                return
            attempt = notify_pb.RecordCallBackAttemptRequest(
                request_id=officer.request_id(f"call back {self._run}"),
                name=due.name,
                version=due.version,
                connected=True,
                rating=5,
            )
            await self._repeatable(officer, notify.RecordCallBackAttempt, attempt)
            await self._eventually(lambda: self._in_state(matter_pb2.MATTER_STATE_CLOSED))

    # What one step of each kind of aggregate needs: its current version, and a request id of its own.

    async def _matter_step(self, actor: Actor, method: Any, message: Any, *, step: str = "", **fields: Any) -> Any:
        return await self._versioned(actor, method, message, self._get_matter, step=step, name=self._matter, **fields)

    async def _case_step(self, actor: Actor, method: Any, message: Any, **fields: Any) -> Any:
        return await self._versioned(actor, method, message, self._get_case, name=self._mediation_case, **fields)

    async def _case_write(self, actor: Actor, method: Any, message: Any, **fields: Any) -> Any:
        return await self._versioned(actor, method, message, self._get_case, case=self._mediation_case, **fields)

    async def _session_step(self, actor: Actor, method: Any, message: Any, session: Any, **fields: Any) -> Any:
        async def version(_actor: Actor) -> Any:
            return session

        step = str(fields.get("party", ""))
        response = await self._versioned(actor, method, message, version, step=step, name=session.name, **fields)
        return response.session

    async def _application_step(self, actor: Actor, method: Any, message: Any, application: Any, **fields: Any) -> Any:
        async def version(reader: Actor) -> Any:
            request = court_pb.GetApplicationRequest(name=application.name)
            return (await reader.call(self._services.court_link.GetApplication, request)).application

        response = await self._versioned(
            actor, method, message, version, step=application.name, name=application.name, **fields
        )
        return response.application

    async def _versioned(
        self,
        actor: Actor,
        method: Any,
        message: Any,
        read: Callable[[Actor], Awaitable[Any]],
        *,
        step: str = "",
        **fields: Any,
    ) -> Any:
        """A write at the version now current; when somebody else was faster, at the next one."""
        for attempt in range(8):
            current = await read(actor)
            request = message(
                request_id=actor.request_id(f"{self._run} {message.DESCRIPTOR.name} {step} {attempt}"),
                version=current.version,
                **fields,
            )
            try:
                return await actor.call(method, request)
            except DomainError as error:
                if error.kind is not ErrorKind.CONFLICT:
                    raise
        raise TimeoutError(f"{message.DESCRIPTOR.name}: the version kept changing")

    async def _repeatable(self, actor: Actor, method: Any, request: Any) -> Any:
        return await actor.call(method, request)

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
            result="双方同意继续协商。The parties go on negotiating.",
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

    async def _offer(self, actor: Actor, side: str, amount: int, counters: str) -> Any:
        response = await self._case_write(
            actor,
            self._services.mediation.MakeOffer,
            mediation_pb.MakeOfferRequest,
            kind=offer_pb2.OFFER_KIND_PARTY,
            party=self._parties[side],
            counters=counters,
            terms=self._terms(amount),
            expire_time=self._clock.now() + timedelta(days=3),
        )
        return response.offer

    def _terms(self, amount: int) -> terms_pb2.Terms:
        case = self.case
        return terms_pb2.Terms(
            facts=case.facts,
            issues=case.issues,
            responsibilities=case.responsibilities,
            obligations=[
                terms_pb2.Obligation(
                    obligor=self._parties["respondent"],
                    obligee=self._parties["complainant"],
                    description=case.payment,
                    amount=self._money(amount) if amount else None,
                    act="" if amount else case.payment,
                    due_date=(self._clock.now() + timedelta(days=_PAYMENT_DAYS)).date().isoformat(),
                    payment_method=case.payment_method if amount else "",
                )
            ],
            default_clause=case.default_clause,
            costs=case.costs,
            release_scope=case.release_scope,
            copies=4,
            total=self._money(amount) if amount else None,
        )

    async def _sign_slot(self, actor: Actor, signing_round: Any, slot: str) -> None:
        request = mediation_pb.SignAgreementRequest(
            request_id=actor.request_id(f"sign {signing_round.name} {slot}"),
            name=signing_round.name,
            slot=slot,
            frozen_digest=signing_round.frozen_digest,
            read_whole_document=True,
            acts_freely=True,
        )
        await self._proven(actor, self._services.mediation.SignAgreement, request)

    async def _seal(self, signing_round: Any) -> None:
        keeper = self._people.seal_keeper
        request = mediation_pb.SealAgreementRequest(
            request_id=keeper.request_id(f"seal {signing_round.name}"),
            name=signing_round.name,
            frozen_digest=signing_round.frozen_digest,
        )
        await self._proven(keeper, self._services.mediation.SealAgreement, request)

    async def _proven(self, actor: Actor, method: Any, request: Any) -> None:
        """Sends a request with the proof that an earlier life of the program got for it, or with a new one."""
        earlier = actor.earlier(request)
        if earlier is not None:
            try:
                await actor.call(method, earlier)
            except DomainError as refusal:
                if refusal.kind is ErrorKind.UNAVAILABLE:
                    raise
            else:
                return
        request.proof = await actor.prove(request.name, request.frozen_digest)
        await actor.call(method, request)

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

    # What is waited for, asked as the person it matters to would ask.

    async def _eventually(self, ask: Callable[[], Awaitable[T | None]], seconds: float = _WAIT_SECONDS) -> T:
        end = time.monotonic() + seconds
        pause = 0.02
        while time.monotonic() < end:
            found = await ask()
            if found is not None:
                return found
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.3)
        raise TimeoutError(f"not within {seconds:.0f} s: {getattr(ask, '__name__', 'a reply')}")

    async def _get_matter(self, actor: Actor) -> Any:
        request = intake_pb.GetMatterRequest(name=self._matter)
        return (await actor.call(self._services.intake.GetMatter, request)).matter

    async def _get_case(self, actor: Actor) -> Any:
        request = mediation_pb.GetCaseRequest(name=self._mediation_case)
        return (await actor.call(self._services.mediation.GetCase, request)).case

    async def _respondent_is_bound(self) -> bool | None:
        try:
            await self._get_matter(self._respondent)
        except DomainError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return None
            raise
        return True

    async def _opened_case(self) -> str | None:
        return str((await self._get_matter(self._complainant)).case) or None

    async def _in_state(self, state: int) -> bool | None:
        return True if (await self._get_matter(self._complainant)).state == state else None

    async def _record_sealed(self, name: str) -> bool | None:
        request = mediation_pb.GetSessionRecordRequest(name=name)
        record = (await self._complainant.call(self._services.mediation.GetSessionRecord, request)).session_record
        return True if record.document_digest else None

    async def _round_in(self, name: str, state: int) -> bool | None:
        request = mediation_pb.GetSigningRoundRequest(name=name)
        found = (await self._mediator.call(self._services.mediation.GetSigningRound, request)).signing_round
        if found.state == state:
            return True
        if found.state > agreement_pb2.ROUND_STATE_SEALED:
            raise RuntimeError(f"the signing round has ended: {agreement_pb2.RoundState.Name(found.state)}")
        return True if found.state > state else None

    async def _sealed(self, name: str) -> Any:
        request = mediation_pb.GetAgreementRequest(name=name)
        agreement = (await self._complainant.call(self._services.mediation.GetAgreement, request)).agreement
        return agreement if agreement.state == agreement_pb2.AGREEMENT_STATE_SEALED else None

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

    def _reading_application(self, name: str) -> Callable[[Actor], Awaitable[Any]]:
        async def read(actor: Actor) -> Any:
            request = court_pb.GetApplicationRequest(name=name)
            return (await actor.call(self._services.court_link.GetApplication, request)).application

        return read

    async def _filed(self, name: str) -> Any:
        application = await self._reading_application(name)(self._complainant)
        early = (application_pb2.APPLICATION_STATE_DRAFT, application_pb2.APPLICATION_STATE_FILING)
        return None if application.state in early else application

    async def _issued(self, name: str) -> Any:
        request = court_pb.GetRulingRequest(name=name)
        ruling = (await self._people.judge.call(self._services.court_link.GetRuling, request)).ruling
        return ruling if ruling.state == application_pb2.RULING_STATE_ISSUED else None

    async def _call_back(self) -> Any:
        """The call-back that is due; True when the matter is closed, because an earlier life has called."""
        request = notify_pb.ListCallBacksRequest(page_size=200, state=notice_pb2.CALL_BACK_STATE_DUE)
        response = await self._people.officer.call(self._services.notify.ListCallBacks, request)
        due = next((each for each in response.call_backs if each.subject == self._matter), None)
        return due or await self._in_state(matter_pb2.MATTER_STATE_CLOSED)

    async def _document(self, name: str, form: Any) -> bytes:
        request = mediation_pb.DownloadDocumentRequest(document=name, form=form)
        return await self._complainant.download(self._services.mediation.DownloadDocument, request)

    def _sides(self) -> list[tuple[Actor, str]]:
        return [
            (self._complainant, self._parties["complainant"]),
            (self._respondent, self._parties["respondent"]),
        ]

    def _signer(self, party: str) -> Actor:
        return self._complainant if party == self._parties["complainant"] else self._respondent

    def _money(self, amount: int) -> money_pb2.Money:
        return money_pb2.Money(currency=self.case.currency, minor_units=amount)

    def _actor(self, side: Side) -> Actor:
        mail = f"{side.mail}.{derived_id(self._run).hex[:8]}@{_DOMAIN}"
        return Actor(
            self._services, self._mailbox, self._run, side.display_name, mail, side.locale, self._clock, self._journal
        )


def _particulars(side: Side, email: str) -> party_pb2.PartyParticulars:
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


def _party(matter: Any, side: int) -> str:
    return str(next(party.name for party in matter.parties if party.side == side))


def _date(deadline: Any) -> str:
    return f"{deadline.due_date} ({deadline.rule}){' PROVISIONAL' if deadline.provisional else ''}"
