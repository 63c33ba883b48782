"""The gRPC service: translate, call, translate."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from comity.intake.v1 import intake_service_pb2 as pb
from comity.intake.v1 import intake_service_pb2_grpc as pbg
from comity.intake.v1 import matter_pb2
from google.protobuf.message import Message

from services.common.convert import enum_member
from services.common.kernel.clock import Clock
from services.common.kernel.errors import DomainError, ErrorKind
from services.common.kernel.house import HOUSE_ZONE
from services.common.kernel.ids import parse_name
from services.common.kernel.pressure import PressureReport, ReportPressure
from services.common.rpc.client import chunks
from services.common.rpc.handle import Calls, UseCase
from services.common.rpc.pages import Key, Paging
from services.intake.application import clocks, pressure
from services.intake.application import decide_matter as decide
from services.intake.application import end_matter as end
from services.intake.application import file_matter as filing
from services.intake.application import import_matters as importing
from services.intake.application import reach_parties as reach
from services.intake.application import read_matters as read
from services.intake.application.access import MatterView
from services.intake.application.ports import DossierKind, Numbers, OrganisationDirectory, RequirePrintable
from services.intake.domain.values import DeclineGround, NoMediationReason, Severity
from services.intake.storage.transaction import IntakeTransaction
from services.intake.transport import translate
from services.intake.wire import CONVERTER

C = TypeVar("C")
M = TypeVar("M", bound=Message)

_DUE_MATTERS = Paging("matters", (datetime, UUID), lambda due: (due.deadline.due_time, due.deadline.id))
_PRESSURE_REPORTS = Paging("reports", (UUID,), lambda report: (report.id,))
_MATTERS = Paging("matters", (UUID,), lambda view: (view.matter.id,))


class IntakeServicer(pbg.IntakeServiceServicer):
    """Serves ``IntakeService``."""

    def __init__(
        self,
        calls: Calls[IntakeTransaction],
        organisations: OrganisationDirectory,
        numbers: Numbers,
        quota: filing.FilingQuota,
        require_printable: RequirePrintable,
        clock: Clock,
    ) -> None:
        self._calls = calls
        self._organisations = organisations
        self._numbers = numbers
        self._quota = quota
        self._require_printable = require_printable
        self._clock = clock

    async def FileMatter(self, request: pb.FileMatterRequest, context: Any) -> pb.FileMatterResponse:
        organisation = parse_name("organisations", request.organisation, "organisation")
        filing.require_receiving(await self._organisations.kind(organisation))
        command = translate.file_matter(request, self._quota, self._require_printable)
        year = self._clock.now().astimezone(HOUSE_ZONE).year
        number = await self._numbers.next(organisation, year)
        try:
            command = replace(command, number=number)
            filed = await self._file(request, command)
        except DomainError as refusal:
            if refusal.kind is not ErrorKind.UNAVAILABLE:  # Of those it is not known whether the number was used.
                self._numbers.give_back(organisation, year, number)
            raise
        if filed.matter.number != number:
            self._numbers.give_back(organisation, year, number)
        return filed

    async def _file(self, request: pb.FileMatterRequest, command: filing.FileMatter) -> pb.FileMatterResponse:
        def answer(view: MatterView) -> pb.FileMatterResponse:
            return pb.FileMatterResponse(matter=translate.matter(view), warnings=translate.warnings(command))

        return await self._calls.write(request, command, filing.file_matter, answer, pb.FileMatterResponse)

    async def ImportMatters(self, request: pb.ImportMattersRequest, context: Any) -> pb.ImportMattersResponse:
        organisation = parse_name("organisations", request.organisation, "organisation")
        filing.require_receiving(await self._organisations.kind(organisation))
        rows = []
        for row in request.rows:
            rows.append(translate.imported_row(request, row, self._quota, self._require_printable))
            await asyncio.sleep(0)  # Others have their turn between rows: together they would hold the loop for long.
        year = self._clock.now().astimezone(HOUSE_ZONE).year
        rows = [await self._numbered(row, organisation, year) for row in rows]
        given = {row.filing.number for row in rows if isinstance(row.filing, filing.FileMatter)}
        command = importing.ImportMatters(
            organisation=organisation, register=request.register, rows=tuple(rows), quota=self._quota.imported
        )

        def answer(judged: Sequence[importing.Judged]) -> pb.ImportMattersResponse:
            return pb.ImportMattersResponse(matters=map(translate.imported_matter, judged))

        try:
            done = await self._calls.write(request, command, importing.import_matters, answer, pb.ImportMattersResponse)
        except DomainError as refusal:
            if refusal.kind is not ErrorKind.UNAVAILABLE:
                self._give_back(organisation, year, given)
            raise
        self._give_back(organisation, year, given - {matter.number for matter in done.matters})
        return done

    async def _numbered(self, row: importing.Row, organisation: UUID, year: int) -> importing.Row:
        if isinstance(row.filing, DomainError):
            return row
        return replace(row, filing=replace(row.filing, number=await self._numbers.next(organisation, year)))

    def _give_back(self, organisation: UUID, year: int, numbers: Iterable[str]) -> None:
        for number in sorted(numbers, reverse=True):
            self._numbers.give_back(organisation, year, number)

    async def GetImportTotals(self, request: pb.GetImportTotalsRequest, context: Any) -> pb.GetImportTotalsResponse:
        organisation = parse_name("organisations", request.organisation, "organisation")
        totals = await self._calls.read(lambda tx: importing.import_totals(tx, organisation, request.register))
        return pb.GetImportTotalsResponse(totals=map(translate.import_total, totals))

    async def GetMatter(self, request: pb.GetMatterRequest, context: Any) -> pb.GetMatterResponse:
        matter_id = parse_name("matters", request.name)
        view = await self._calls.read(lambda tx: read.get_matter(tx, matter_id))
        return pb.GetMatterResponse(matter=translate.matter(view))

    async def ListMatters(self, request: pb.ListMattersRequest, context: Any) -> pb.ListMattersResponse:
        def rows(tx: IntakeTransaction, after: Key | None, count: int) -> Awaitable[Sequence[MatterView]]:
            return read.list_matters(tx, translate.list_matters(request), after[0] if after else None, count)

        return await self._calls.page(_MATTERS, request, pb.ListMattersResponse(), rows, translate.matter)

    async def ListDueMatters(self, request: pb.ListDueMattersRequest, context: Any) -> pb.ListDueMattersResponse:
        def rows(tx: IntakeTransaction, after: Key | None, count: int) -> Awaitable[Sequence[clocks.DueMatter]]:
            return clocks.list_due_matters(tx, translate.list_due_matters(request), after, count)

        return await self._calls.page(_DUE_MATTERS, request, pb.ListDueMattersResponse(), rows, translate.due_matter)

    async def TriageMatter(self, request: pb.TriageMatterRequest, context: Any) -> pb.TriageMatterResponse:
        command = decide.TriageMatter(
            id=parse_name("matters", request.name),
            version=request.version,
            regime=request.regime,
            severity=enum_member(matter_pb2.Severity.DESCRIPTOR, request.severity, Severity),
        )
        return await self._write(request, command, decide.triage_matter, pb.TriageMatterResponse)

    async def AcceptMatter(self, request: pb.AcceptMatterRequest, context: Any) -> pb.AcceptMatterResponse:
        command = decide.AcceptMatter(id=parse_name("matters", request.name), version=request.version)
        return await self._write(request, command, decide.accept_matter, pb.AcceptMatterResponse)

    async def DeclineMatter(self, request: pb.DeclineMatterRequest, context: Any) -> pb.DeclineMatterResponse:
        command = decide.DeclineMatter(
            id=parse_name("matters", request.name),
            version=request.version,
            ground=enum_member(matter_pb2.DeclineGround.DESCRIPTOR, request.ground, DeclineGround),
            remedies=request.remedies,
        )
        return await self._write(request, command, decide.decline_matter, pb.DeclineMatterResponse)

    async def AssignMatter(self, request: pb.AssignMatterRequest, context: Any) -> pb.AssignMatterResponse:
        command = decide.AssignMatter(
            id=parse_name("matters", request.name),
            version=request.version,
            officer=parse_name("accounts", request.officer, "officer"),
        )
        return await self._write(request, command, decide.assign_matter, pb.AssignMatterResponse)

    async def RecordContact(self, request: pb.RecordContactRequest, context: Any) -> pb.RecordContactResponse:
        command = translate.record_contact(request)
        return await self._write(request, command, reach.record_contact, pb.RecordContactResponse)

    async def InviteParty(self, request: pb.InvitePartyRequest, context: Any) -> pb.InvitePartyResponse:
        command = reach.InviteParty(
            id=parse_name("matters", request.name),
            version=request.version,
            party=parse_name("parties", request.party, "party"),
        )
        return await self._write(request, command, reach.invite_party, pb.InvitePartyResponse)

    async def RecordConsent(self, request: pb.RecordConsentRequest, context: Any) -> pb.RecordConsentResponse:
        command = reach.RecordConsent(
            id=parse_name("matters", request.name),
            version=request.version,
            party=parse_name("parties", request.party, "party"),
            mediation=request.mediation,
            online=request.online,
        )
        return await self._write(request, command, reach.record_consent, pb.RecordConsentResponse)

    async def ForwardMatter(self, request: pb.ForwardMatterRequest, context: Any) -> pb.ForwardMatterResponse:
        organisation = parse_name("organisations", request.organisation, "organisation")
        end.require_mediating(await self._organisations.kind(organisation))
        command = end.ForwardMatter(
            id=parse_name("matters", request.name), version=request.version, organisation=organisation
        )
        return await self._write(request, command, end.forward_matter, pb.ForwardMatterResponse)

    async def EndWithoutMediation(
        self, request: pb.EndWithoutMediationRequest, context: Any
    ) -> pb.EndWithoutMediationResponse:
        command = end.EndWithoutMediation(
            id=parse_name("matters", request.name),
            version=request.version,
            reason=enum_member(matter_pb2.NoMediationReason.DESCRIPTOR, request.reason, NoMediationReason),
            remedies=request.remedies,
        )
        return await self._write(request, command, end.end_without_mediation, pb.EndWithoutMediationResponse)

    async def WithdrawMatter(self, request: pb.WithdrawMatterRequest, context: Any) -> pb.WithdrawMatterResponse:
        command = end.WithdrawMatter(
            id=parse_name("matters", request.name), version=request.version, reason=request.reason
        )
        return await self._write(request, command, end.withdraw_matter, pb.WithdrawMatterResponse)

    async def ReportPressure(self, request: pb.ReportPressureRequest, context: Any) -> pb.ReportPressureResponse:
        return await self._calls.write(
            request,
            CONVERTER.read(ReportPressure, request, "matters"),
            pressure.report_pressure,
            lambda _: pb.ReportPressureResponse(),
            pb.ReportPressureResponse,
        )

    async def ListPressureReports(
        self, request: pb.ListPressureReportsRequest, context: Any
    ) -> pb.ListPressureReportsResponse:
        def rows(tx: IntakeTransaction, after: Key | None, count: int) -> Awaitable[Sequence[PressureReport]]:
            matter_id = parse_name("matters", request.matter, "matter")
            return pressure.list_pressure_reports(tx, matter_id, after[0] if after else None, count)

        response = pb.ListPressureReportsResponse()
        return await self._calls.page(_PRESSURE_REPORTS, request, response, rows, translate.pressure_report)

    async def CloseMatter(self, request: pb.CloseMatterRequest, context: Any) -> pb.CloseMatterResponse:
        command = end.CloseMatter(id=parse_name("matters", request.name), version=request.version)
        return await self._write(request, command, end.close_matter, pb.CloseMatterResponse)

    async def ReadMatterDossier(
        self, request: pb.ReadMatterDossierRequest, context: Any
    ) -> AsyncIterator[pb.ReadMatterDossierResponse]:
        for chunk in await self._dossier(request, DossierKind.MATTER):
            yield pb.ReadMatterDossierResponse(chunk=chunk)

    async def ReadContactDossier(
        self, request: pb.ReadContactDossierRequest, context: Any
    ) -> AsyncIterator[pb.ReadContactDossierResponse]:
        for chunk in await self._dossier(request, DossierKind.CONTACTS):
            yield pb.ReadContactDossierResponse(chunk=chunk)

    async def _dossier(
        self, request: pb.ReadMatterDossierRequest | pb.ReadContactDossierRequest, kind: DossierKind
    ) -> list[Any]:
        matter_id = parse_name("matters", request.matter, "matter")
        digest = request.digest
        return chunks(await self._calls.read(lambda tx: read.read_dossier(tx, matter_id, kind, digest)))

    async def _write(
        self,
        request: Any,
        command: C,
        use_case: UseCase[IntakeTransaction, C, MatterView],
        response: type[M],
    ) -> M:
        def answer(view: MatterView) -> M:
            return response(matter=translate.matter(view))

        return await self._calls.write(request, command, use_case, answer, response)
