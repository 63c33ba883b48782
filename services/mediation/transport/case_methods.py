"""Cases and their mediators over gRPC."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from comity.mediation.v1 import case_pb2
from comity.mediation.v1 import mediation_service_pb2 as pb
from google.protobuf.message import Message

from services.common.convert import enum_member
from services.common.kernel.contacts import ContactKind, parse_optional
from services.common.kernel.identity_numbers import normal_identity_number
from services.common.kernel.ids import parse_name
from services.common.kernel.names import RequirePrintable, normal_line, normal_name
from services.common.rpc.gate import current_principal
from services.common.rpc.handle import Calls
from services.common.rpc.pages import Key
from services.mediation.application import conduct, mediators, notices, opening, queries
from services.mediation.domain.case import Case
from services.mediation.domain.mediator import Mediator
from services.mediation.domain.vocabulary import CaseState
from services.mediation.storage.transaction import MediationTransaction
from services.mediation.transport import lists, translate
from services.mediation.wire import CONVERTER

M = TypeVar("M", bound=Message)


class CaseMethods:
    """The part of the servicer that speaks of cases."""

    _calls: Calls[MediationTransaction]
    _require_printable: RequirePrintable

    async def CreateMediator(self, request: pb.CreateMediatorRequest, context: Any) -> pb.CreateMediatorResponse:
        command = CONVERTER.read(
            mediators.CreateMediator,
            request,
            display_name=normal_name(request.display_name, "display_name", self._require_printable),
            employer=normal_line(request.employer, "employer", self._require_printable),
            phone=parse_optional(request.phone, ContactKind.PHONE, "phone"),
            identity_number=normal_identity_number(request.identity_number, "identity_number"),
        )
        return await self._calls.write(
            request,
            command,
            mediators.create_mediator,
            lambda found: pb.CreateMediatorResponse(mediator=translate.mediator(found)),
            pb.CreateMediatorResponse,
        )

    async def ListMediators(self, request: pb.ListMediatorsRequest, context: Any) -> pb.ListMediatorsResponse:
        def rows(tx: MediationTransaction, after: Key | None, count: int) -> Awaitable[list[Mediator]]:
            organisation = parse_name("organisations", request.organisation, "organisation")
            return queries.list_mediators(tx, lists.page(after, count), organisation)

        response = pb.ListMediatorsResponse()
        return await self._calls.page(lists.MEDIATORS, request, response, rows, translate.mediator)

    async def GetCase(self, request: pb.GetCaseRequest, context: Any) -> pb.GetCaseResponse:
        id = parse_name("cases", request.name)
        view = await self._calls.read(lambda tx: queries.get_case(tx, id))
        return pb.GetCaseResponse(case=translate.case(view, current_principal()))

    async def ListCases(self, request: pb.ListCasesRequest, context: Any) -> pb.ListCasesResponse:
        state = enum_member(case_pb2.CaseState.DESCRIPTOR, request.state, CaseState) if request.state else None

        def rows(tx: MediationTransaction, after: Key | None, count: int) -> Awaitable[list[queries.CaseView]]:
            return queries.list_cases(tx, lists.page(after, count), state)

        def show(view: queries.CaseView) -> case_pb2.Case:
            return translate.case(view, current_principal())

        response = pb.ListCasesResponse()
        return await self._calls.page(lists.CASES, request, response, rows, show, lists.shorten_case)

    async def AcceptReferral(self, request: pb.AcceptReferralRequest, context: Any) -> pb.AcceptReferralResponse:
        return await self._case(request, opening.AcceptReferral, opening.accept_referral, pb.AcceptReferralResponse)

    async def DeclineReferral(self, request: pb.DeclineReferralRequest, context: Any) -> pb.DeclineReferralResponse:
        return await self._case(request, opening.DeclineReferral, opening.decline_referral, pb.DeclineReferralResponse)

    async def ConsentToMediation(
        self, request: pb.ConsentToMediationRequest, context: Any
    ) -> pb.ConsentToMediationResponse:
        return await self._case(
            request, opening.ConsentToMediation, opening.consent_to_mediation, pb.ConsentToMediationResponse
        )

    async def AppointMediator(self, request: pb.AppointMediatorRequest, context: Any) -> pb.AppointMediatorResponse:
        return await self._case(
            request, mediators.AppointMediator, mediators.appoint_mediator, pb.AppointMediatorResponse
        )

    async def DiscloseConflict(self, request: pb.DiscloseConflictRequest, context: Any) -> pb.DiscloseConflictResponse:
        return await self._case(
            request, mediators.DiscloseConflict, mediators.disclose_conflict, pb.DiscloseConflictResponse
        )

    async def WaiveConflict(self, request: pb.WaiveConflictRequest, context: Any) -> pb.WaiveConflictResponse:
        return await self._case(request, mediators.WaiveConflict, mediators.waive_conflict, pb.WaiveConflictResponse)

    async def ChallengeMediator(
        self, request: pb.ChallengeMediatorRequest, context: Any
    ) -> pb.ChallengeMediatorResponse:
        return await self._case(
            request, mediators.ChallengeMediator, mediators.challenge_mediator, pb.ChallengeMediatorResponse
        )

    async def DecideChallenge(self, request: pb.DecideChallengeRequest, context: Any) -> pb.DecideChallengeResponse:
        return await self._case(
            request, mediators.DecideChallenge, mediators.decide_challenge, pb.DecideChallengeResponse
        )

    async def AppointRepresentative(
        self, request: pb.AppointRepresentativeRequest, context: Any
    ) -> pb.AppointRepresentativeResponse:
        return await self._case(
            request,
            conduct.AppointRepresentative,
            conduct.appoint_representative,
            pb.AppointRepresentativeResponse,
            display_name=normal_name(request.display_name, "display_name", self._require_printable),
            employer=normal_line(request.employer, "employer", self._require_printable),
            duty=normal_line(request.duty, "duty", self._require_printable),
        )

    async def GetCaseNotice(self, request: pb.GetCaseNoticeRequest, context: Any) -> pb.GetCaseNoticeResponse:
        id = parse_name("cases", request.name)
        return translate.notice(await self._calls.read(lambda tx: notices.case_notice(tx, id)))

    async def AcknowledgeNotice(
        self, request: pb.AcknowledgeNoticeRequest, context: Any
    ) -> pb.AcknowledgeNoticeResponse:
        return await self._case(
            request, notices.AcknowledgeNotice, notices.acknowledge_notice, pb.AcknowledgeNoticeResponse
        )

    async def OpenCase(self, request: pb.OpenCaseRequest, context: Any) -> pb.OpenCaseResponse:
        return await self._case(request, conduct.StartCase, conduct.start_case, pb.OpenCaseResponse)

    async def SuspendCase(self, request: pb.SuspendCaseRequest, context: Any) -> pb.SuspendCaseResponse:
        return await self._case(request, conduct.SuspendCase, conduct.suspend_case, pb.SuspendCaseResponse)

    async def ResumeCase(self, request: pb.ResumeCaseRequest, context: Any) -> pb.ResumeCaseResponse:
        return await self._case(request, conduct.ResumeCase, conduct.resume_case, pb.ResumeCaseResponse)

    async def ConsentToExtension(
        self, request: pb.ConsentToExtensionRequest, context: Any
    ) -> pb.ConsentToExtensionResponse:
        return await self._case(
            request, conduct.ConsentToExtension, conduct.consent_to_extension, pb.ConsentToExtensionResponse
        )

    async def ConsentToReopening(
        self, request: pb.ConsentToReopeningRequest, context: Any
    ) -> pb.ConsentToReopeningResponse:
        return await self._case(
            request, conduct.ConsentToReopening, conduct.consent_to_reopening, pb.ConsentToReopeningResponse
        )

    async def TerminateCase(self, request: pb.TerminateCaseRequest, context: Any) -> pb.TerminateCaseResponse:
        return await self._case(request, conduct.TerminateCase, conduct.terminate_case, pb.TerminateCaseResponse)

    async def LeaveMediation(self, request: pb.LeaveMediationRequest, context: Any) -> pb.LeaveMediationResponse:
        return await self._case(request, conduct.LeaveMediation, conduct.leave_mediation, pb.LeaveMediationResponse)

    async def _case(
        self,
        request: Any,
        command: type[Any],
        use_case: Callable[[MediationTransaction, Any], Awaitable[Case]],
        response: type[M],
        **spelled: str,
    ) -> M:
        """A write whose answer is the case as the caller sees it; ``spelled`` are fields in their one spelling."""

        async def view(tx: MediationTransaction, given: Any) -> queries.CaseView:
            return await queries.view_case(tx, await use_case(tx, given))

        return await self._calls.write(
            request,
            CONVERTER.read(command, request, "cases", **spelled),
            view,
            lambda found: _with_case(response, found),
            response,
        )


def _with_case(response: type[M], view: queries.CaseView) -> M:
    build: Callable[..., M] = response
    return build(case=translate.case(view, current_principal()))
