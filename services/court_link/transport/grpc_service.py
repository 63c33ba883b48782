"""The gRPC service: translate, call, translate."""

from collections.abc import AsyncIterator, Awaitable
from typing import Any, TypeVar
from uuid import UUID

from comity.court_link.v1 import application_pb2
from comity.court_link.v1 import court_link_service_pb2 as pb
from comity.court_link.v1 import court_link_service_pb2_grpc as pbg
from google.protobuf.message import Message

from services.common.convert import enum_member
from services.common.kernel.docket_numbers import normal_docket_number
from services.common.kernel.ids import parse_name
from services.common.kernel.names import normal_name, require_line
from services.common.kernel.pressure import PressureReport, ReportPressure
from services.common.rpc.client import chunks
from services.common.rpc.handle import Calls, Prepared, UseCase
from services.common.rpc.pages import Key, Paging
from services.court_link.application import applications as parties
from services.court_link.application import courts, desk, eligibility, pressure, queries, referrals, rulings
from services.court_link.application.ports import Directory, RequirePrintable
from services.court_link.application.queries import ApplicationDocument, DocumentQuery
from services.court_link.application.views import ApplicationView, RulingView, ruling_viewed
from services.court_link.documents.desk_work import DeskWork, Signatories
from services.court_link.domain.application import ApplicationState
from services.court_link.domain.court import Court
from services.court_link.domain.eligibility import Venue
from services.court_link.domain.material import MaterialQuota
from services.court_link.domain.referral import Referral
from services.court_link.storage.transaction import CourtLinkTransaction
from services.court_link.transport import translate
from services.court_link.wire import CONVERTER

C = TypeVar("C")
M = TypeVar("M", bound=Message)

_STATES = application_pb2.ApplicationState.DESCRIPTOR
_COURTS = Paging("courts", (UUID,), lambda each: (each.id,))
_REFERRALS = Paging("referrals", (UUID,), lambda each: (each.id,))
_APPLICATIONS = Paging("applications", (UUID,), lambda each: (each.id,))

_PRESSURE_REPORTS = Paging("reports", (UUID,), lambda each: (each.id,))


class CourtLinkServicer(pbg.CourtLinkServiceServicer):
    """Serves ``CourtLinkService``."""

    def __init__(
        self,
        calls: Calls[CourtLinkTransaction],
        directory: Directory,
        snapshots: referrals.ReferralSnapshots,
        work: DeskWork,
        require_printable: RequirePrintable,
        quota: MaterialQuota,
    ) -> None:
        self._calls = calls
        self._directory = directory
        self._snapshots = snapshots
        self._work = work
        self._require_printable = require_printable
        self._quota = quota

    async def CreateCourt(self, request: pb.CreateCourtRequest, context: Any) -> pb.CreateCourtResponse:
        name = normal_name(request.display_name, "display_name", self._require_printable)
        organisation = parse_name("organisations", request.organisation, "organisation")
        facts = await self._directory.facts(organisation)
        command = CONVERTER.read(courts.CreateCourt, request, facts=facts, display_name=name)

        def answer(court: Court) -> pb.CreateCourtResponse:
            return pb.CreateCourtResponse(court=translate.court(court))

        return await self._calls.write(request, command, courts.create_court, answer, pb.CreateCourtResponse)

    async def ListCourts(self, request: pb.ListCourtsRequest, context: Any) -> pb.ListCourtsResponse:
        def rows(tx: CourtLinkTransaction, after: Key | None, count: int) -> Awaitable[list[Court]]:
            return tx.courts.listing(count, after[0] if after else None)

        return await self._calls.page(_COURTS, request, pb.ListCourtsResponse(), rows, translate.court)

    async def CreateReferral(self, request: pb.CreateReferralRequest, context: Any) -> pb.CreateReferralResponse:
        require_line(request.subject_matter, "subject_matter", self._require_printable)
        for field in ("facts", "request"):
            self._require_printable(getattr(request, field), field)
        addressee = await self._directory.facts(parse_name("organisations", request.organisation, "organisation"))
        command = translate.create_referral(request, self._snapshots, addressee, self._require_printable)

        def answer(referral: Referral) -> pb.CreateReferralResponse:
            return pb.CreateReferralResponse(
                referral=translate.referral(referral), warnings=translate.warnings(command)
            )

        return await self._calls.write(request, command, referrals.create_referral, answer, pb.CreateReferralResponse)

    async def GetReferral(self, request: pb.GetReferralRequest, context: Any) -> pb.GetReferralResponse:
        id = parse_name("referrals", request.name)
        found = await self._calls.read(lambda tx: referrals.get_referral(tx, id))
        return pb.GetReferralResponse(referral=translate.referral(found))

    async def ListReferrals(self, request: pb.ListReferralsRequest, context: Any) -> pb.ListReferralsResponse:
        def rows(tx: CourtLinkTransaction, after: Key | None, count: int) -> Awaitable[list[Referral]]:
            return referrals.list_referrals(tx, count, after[0] if after else None)

        response, shorten = pb.ListReferralsResponse(), translate.shorten_referral
        return await self._calls.page(_REFERRALS, request, response, rows, translate.referral, shorten)

    async def CheckEligibility(self, request: pb.CheckEligibilityRequest, context: Any) -> pb.CheckEligibilityResponse:
        agreement = parse_name("agreements", request.agreement, "agreement")
        court = translate.optional_name("courts", request.court, "court")
        venue = CONVERTER.read(Venue, request)
        view = await self._calls.read(lambda tx: eligibility.check_eligibility(tx, agreement, court, venue))
        return pb.CheckEligibilityResponse(eligibility=translate.eligibility(view))

    async def CreateApplication(
        self, request: pb.CreateApplicationRequest, context: Any
    ) -> pb.CreateApplicationResponse:
        command = CONVERTER.read(parties.CreateApplication, request)
        return await self._write(request, command, parties.create_application, pb.CreateApplicationResponse)

    async def ConsentToApplication(
        self, request: pb.ConsentToApplicationRequest, context: Any
    ) -> pb.ConsentToApplicationResponse:
        self._require_printable(request.service_address, "service_address")
        command = CONVERTER.read(parties.ConsentToApplication, request, "applications")
        return await self._write(request, command, parties.consent_to_application, pb.ConsentToApplicationResponse)

    async def GetApplication(self, request: pb.GetApplicationRequest, context: Any) -> pb.GetApplicationResponse:
        id = parse_name("applications", request.name)
        view = await self._calls.read(lambda tx: queries.get_application(tx, id))
        return pb.GetApplicationResponse(application=translate.application(view))

    async def ListApplications(self, request: pb.ListApplicationsRequest, context: Any) -> pb.ListApplicationsResponse:
        state = enum_member(_STATES, request.state, ApplicationState) if request.state else None

        def rows(tx: CourtLinkTransaction, after: Key | None, count: int) -> Awaitable[list[ApplicationView]]:
            return queries.list_applications(tx, state, count, after[0] if after else None)

        response, shorten = pb.ListApplicationsResponse(), translate.shorten_application
        return await self._calls.page(_APPLICATIONS, request, response, rows, translate.application, shorten)

    async def WithdrawApplication(
        self, request: pb.WithdrawApplicationRequest, context: Any
    ) -> pb.WithdrawApplicationResponse:
        command = CONVERTER.read(parties.WithdrawApplication, request, "applications")
        return await self._write(request, command, parties.withdraw_application, pb.WithdrawApplicationResponse)

    async def SupplyMaterial(self, request: pb.SupplyMaterialRequest, context: Any) -> pb.SupplyMaterialResponse:
        """The content is stored inside the transaction: what is refused leaves nothing behind."""
        self._require_printable(request.title, "title")
        command = CONVERTER.read(parties.SupplyMaterial, request, "applications")

        async def use_case(tx: CourtLinkTransaction, given: parties.SupplyMaterial) -> ApplicationView:
            return await parties.supply_material(tx, given, self._quota, self._work.store)

        return await self._write(request, command, use_case, pb.SupplyMaterialResponse)

    async def ReportPressure(self, request: pb.ReportPressureRequest, context: Any) -> pb.ReportPressureResponse:
        return await self._calls.write(
            request,
            CONVERTER.read(ReportPressure, request, "applications"),
            pressure.report_pressure,
            lambda _: pb.ReportPressureResponse(),
            pb.ReportPressureResponse,
        )

    async def ListPressureReports(
        self, request: pb.ListPressureReportsRequest, context: Any
    ) -> pb.ListPressureReportsResponse:
        def rows(tx: CourtLinkTransaction, after: Key | None, count: int) -> Awaitable[list[PressureReport]]:
            id = parse_name("applications", request.application, "application")
            return pressure.list_pressure_reports(tx, id, after[0] if after else None, count)

        response = pb.ListPressureReportsResponse()
        return await self._calls.page(_PRESSURE_REPORTS, request, response, rows, translate.pressure_report)

    async def AcceptApplication(
        self, request: pb.AcceptApplicationRequest, context: Any
    ) -> pb.AcceptApplicationResponse:
        number = normal_docket_number(request.docket_number, "docket_number", self._require_printable)
        clerk = await self._directory.name_of_caller(context)
        command = CONVERTER.read(desk.AcceptApplication, request, "applications", docket_number=number, clerk=clerk)
        return await self._write(request, command, desk.accept_application, pb.AcceptApplicationResponse)

    async def DeclineApplication(
        self, request: pb.DeclineApplicationRequest, context: Any
    ) -> pb.DeclineApplicationResponse:
        command = CONVERTER.read(desk.DeclineApplication, request, "applications")
        return await self._write(request, command, desk.decline_application, pb.DeclineApplicationResponse)

    async def RequireSupplement(
        self, request: pb.RequireSupplementRequest, context: Any
    ) -> pb.RequireSupplementResponse:
        command = CONVERTER.read(desk.RequireSupplement, request, "applications")
        return await self._write(request, command, desk.require_supplement, pb.RequireSupplementResponse)

    async def DeemWithdrawn(self, request: pb.DeemWithdrawnRequest, context: Any) -> pb.DeemWithdrawnResponse:
        command = CONVERTER.read(desk.DeemWithdrawn, request, "applications")
        return await self._write(request, command, desk.deem_withdrawn, pb.DeemWithdrawnResponse)

    async def HoldInquiry(self, request: pb.HoldInquiryRequest, context: Any) -> pb.HoldInquiryResponse:
        command = CONVERTER.read(desk.HoldInquiry, request, "applications")
        return await self._write(request, command, desk.hold_inquiry, pb.HoldInquiryResponse)

    async def ExtendReview(self, request: pb.ExtendReviewRequest, context: Any) -> pb.ExtendReviewResponse:
        command = CONVERTER.read(desk.ExtendReview, request, "applications")
        return await self._write(request, command, desk.extend_review, pb.ExtendReviewResponse)

    async def PrepareRuling(self, request: pb.PrepareRulingRequest, context: Any) -> pb.PrepareRulingResponse:
        """Renders and freezes before the transaction that keeps it; a repeated request gets its first answer there."""
        id = parse_name("applications", request.name)
        decision = translate.decision(request)
        decision.check()
        self._require_printable(request.reasons, "reasons")

        async def drawn() -> rulings.PrepareRuling:
            basis = await self._calls.read(lambda tx: rulings.ruling_basis(tx, id, request.version))
            text = await self._work.freeze(basis, decision, await self._signatories(basis, context))
            return rulings.PrepareRuling(
                id=id, version=request.version, ruling=basis.ruling, decision=decision, text=text
            )

        async def use_case(tx: CourtLinkTransaction, prepared: Prepared[rulings.PrepareRuling]) -> RulingView:
            return await ruling_viewed(tx, await rulings.prepare_ruling(tx, prepared.given()))

        def answer(ruling: RulingView) -> pb.PrepareRulingResponse:
            return pb.PrepareRulingResponse(ruling=translate.ruling(ruling))

        prepared = await Prepared.by(drawn())
        return await self._calls.write(request, prepared, use_case, answer, pb.PrepareRulingResponse)

    async def _signatories(self, basis: rulings.RulingBasis, context: Any) -> Signatories:
        seal = (await self._directory.facts(basis.court.organisation_id)).display_name
        judge = await self._directory.name_of_caller(context)
        return Signatories(judge=judge, clerk=basis.application.clerk, seal=seal)

    async def IssueRuling(self, request: pb.IssueRulingRequest, context: Any) -> pb.IssueRulingResponse:
        claims = await self._work.read_proof(request.proof)
        command = CONVERTER.read(rulings.IssueRuling, request, "rulings", claims=claims)

        async def use_case(tx: CourtLinkTransaction, given: rulings.IssueRuling) -> RulingView:
            return await ruling_viewed(tx, await rulings.issue_ruling(tx, given))

        def answer(ruling: RulingView) -> pb.IssueRulingResponse:
            return pb.IssueRulingResponse(ruling=translate.ruling(ruling))

        return await self._calls.write(request, command, use_case, answer, pb.IssueRulingResponse)

    async def GetRuling(self, request: pb.GetRulingRequest, context: Any) -> pb.GetRulingResponse:
        id = parse_name("rulings", request.name)
        found = await self._calls.read(lambda tx: queries.get_ruling(tx, id))
        return pb.GetRulingResponse(ruling=translate.ruling(found))

    async def DownloadDocument(
        self, request: pb.DownloadDocumentRequest, context: Any
    ) -> AsyncIterator[pb.DownloadDocumentResponse]:
        kind = enum_member(application_pb2.ApplicationDocument.DESCRIPTOR, request.document, ApplicationDocument)
        query = DocumentQuery(document=kind, index=request.index)
        if request.name.startswith("rulings/"):
            id = parse_name("rulings", request.name)
            digest = await self._calls.read(lambda tx: queries.document_of_ruling(tx, id, query))
        else:
            id = parse_name("applications", request.name)
            digest = await self._calls.read(lambda tx: queries.document_of_application(tx, id, query))
        for chunk in chunks(await self._work.read(digest)):
            yield pb.DownloadDocumentResponse(chunk=chunk)

    async def ReadReferralDossier(
        self, request: pb.ReadReferralDossierRequest, context: Any
    ) -> AsyncIterator[pb.ReadReferralDossierResponse]:
        for chunk in chunks(await self._dossier(referrals.REFERRAL_DOSSIER, request)):
            yield pb.ReadReferralDossierResponse(chunk=chunk)

    async def ReadContactDossier(
        self, request: pb.ReadContactDossierRequest, context: Any
    ) -> AsyncIterator[pb.ReadContactDossierResponse]:
        for chunk in chunks(await self._dossier(referrals.CONTACT_DOSSIER, request)):
            yield pb.ReadContactDossierResponse(chunk=chunk)

    async def _dossier(self, kind: str, request: Any) -> bytes:
        subject: UUID = parse_name("referrals", request.referral, "referral")
        return await self._calls.read(lambda tx: tx.dossiers.read(kind, str(subject), request.digest))

    async def _write(
        self, request: Any, command: C, use_case: UseCase[CourtLinkTransaction, C, ApplicationView], response: type[M]
    ) -> M:
        """A use case whose answer is the application as it is now."""

        def answer(view: ApplicationView) -> M:
            return response(application=translate.application(view))

        return await self._calls.write(request, command, use_case, answer, response)
