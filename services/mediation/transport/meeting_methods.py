"""Sessions, records, items and offers over gRPC."""

from collections.abc import Awaitable
from typing import Any

from comity.mediation.v1 import mediation_service_pb2 as pb
from comity.mediation.v1 import offer_pb2

from services.common.kernel.clock import Clock
from services.common.kernel.ids import parse_name
from services.common.kernel.names import RequirePrintable, normal_name, require_line
from services.common.kernel.pressure import ReportPressure
from services.common.kernel.steps import breathe
from services.common.rpc.handle import Calls
from services.common.rpc.pages import Key
from services.mediation.application import items, offers, pressure, queries, session_records, sessions
from services.mediation.domain.item import Item
from services.mediation.storage.transaction import MediationTransaction
from services.mediation.transport import lists, translate
from services.mediation.transport.printable import require_all_printable
from services.mediation.wire import CONVERTER


class MeetingMethods:
    """The part of the servicer that speaks of what is said and offered."""

    _calls: Calls[MediationTransaction]
    _clock: Clock
    _require_printable: RequirePrintable

    async def ScheduleSession(self, request: pb.ScheduleSessionRequest, context: Any) -> pb.ScheduleSessionResponse:
        require_line(request.room, "room", self._require_printable)
        return await self._calls.write(
            request,
            CONVERTER.read(sessions.ScheduleSession, request),
            sessions.schedule_session,
            lambda found: pb.ScheduleSessionResponse(session=translate.session(found)),
            pb.ScheduleSessionResponse,
        )

    async def RescheduleSession(
        self, request: pb.RescheduleSessionRequest, context: Any
    ) -> pb.RescheduleSessionResponse:
        require_line(request.room, "room", self._require_printable)
        return await self._calls.write(
            request,
            CONVERTER.read(sessions.RescheduleSession, request, "sessions"),
            sessions.reschedule_session,
            lambda found: pb.RescheduleSessionResponse(session=translate.session(found)),
            pb.RescheduleSessionResponse,
        )

    async def CancelSession(self, request: pb.CancelSessionRequest, context: Any) -> pb.CancelSessionResponse:
        return await self._calls.write(
            request,
            CONVERTER.read(sessions.CancelSession, request, "sessions"),
            sessions.cancel_session,
            lambda found: pb.CancelSessionResponse(session=translate.session(found)),
            pb.CancelSessionResponse,
        )

    async def WaiveNotice(self, request: pb.WaiveNoticeRequest, context: Any) -> pb.WaiveNoticeResponse:
        return await self._calls.write(
            request,
            CONVERTER.read(sessions.WaiveNotice, request, "sessions"),
            sessions.waive_notice,
            lambda found: pb.WaiveNoticeResponse(session=translate.session(found)),
            pb.WaiveNoticeResponse,
        )

    async def CheckIn(self, request: pb.CheckInRequest, context: Any) -> pb.CheckInResponse:
        method = normal_name(request.identity_method, "identity_method", self._require_printable)
        return await self._calls.write(
            request,
            CONVERTER.read(sessions.CheckIn, request, "sessions", identity_method=method),
            sessions.check_in,
            lambda found: pb.CheckInResponse(session=translate.session(found)),
            pb.CheckInResponse,
        )

    async def StartSession(self, request: pb.StartSessionRequest, context: Any) -> pb.StartSessionResponse:
        return await self._calls.write(
            request,
            CONVERTER.read(sessions.StartSession, request, "sessions"),
            sessions.start_session,
            lambda found: pb.StartSessionResponse(session=translate.session(found)),
            pb.StartSessionResponse,
        )

    async def EndSession(self, request: pb.EndSessionRequest, context: Any) -> pb.EndSessionResponse:
        return await self._calls.write(
            request,
            CONVERTER.read(sessions.EndSession, request, "sessions"),
            sessions.end_session,
            lambda found: pb.EndSessionResponse(session=translate.session(found)),
            pb.EndSessionResponse,
        )

    async def GetSession(self, request: pb.GetSessionRequest, context: Any) -> pb.GetSessionResponse:
        id = parse_name("sessions", request.name)
        found = await self._calls.read(lambda tx: tx.sessions.get(id))
        return pb.GetSessionResponse(session=translate.session(found))

    async def ListSessions(self, request: pb.ListSessionsRequest, context: Any) -> pb.ListSessionsResponse:
        rows, response = lists.of_case(request, lambda tx: tx.sessions), pb.ListSessionsResponse()
        return await self._calls.page(lists.SESSIONS, request, response, rows, translate.session)

    async def DraftSessionRecord(
        self, request: pb.DraftSessionRecordRequest, context: Any
    ) -> pb.DraftSessionRecordResponse:
        require_all_printable(self._require_printable, request, "")
        return await self._calls.write(
            request,
            CONVERTER.read(session_records.DraftSessionRecord, request),
            session_records.draft_session_record,
            lambda found: pb.DraftSessionRecordResponse(session_record=translate.session_record(found)),
            pb.DraftSessionRecordResponse,
        )

    async def ConfirmSessionRecord(
        self, request: pb.ConfirmSessionRecordRequest, context: Any
    ) -> pb.ConfirmSessionRecordResponse:
        self._require_printable(request.remarks, "remarks")
        return await self._calls.write(
            request,
            CONVERTER.read(session_records.ConfirmSessionRecord, request, "sessionRecords"),
            session_records.confirm_session_record,
            lambda found: pb.ConfirmSessionRecordResponse(session_record=translate.session_record(found)),
            pb.ConfirmSessionRecordResponse,
        )

    async def GetSessionRecord(self, request: pb.GetSessionRecordRequest, context: Any) -> pb.GetSessionRecordResponse:
        id = parse_name("sessionRecords", request.name)
        found = await self._calls.read(lambda tx: tx.records.get(id))
        return pb.GetSessionRecordResponse(session_record=translate.session_record(found))

    async def ListSessionRecords(
        self, request: pb.ListSessionRecordsRequest, context: Any
    ) -> pb.ListSessionRecordsResponse:
        rows, response = lists.of_case(request, lambda tx: tx.records), pb.ListSessionRecordsResponse()
        return await self._calls.page(
            lists.SESSION_RECORDS, request, response, rows, translate.session_record, lists.shorten_record
        )

    async def AddItem(self, request: pb.AddItemRequest, context: Any) -> pb.AddItemResponse:
        return await self._calls.write(
            request,
            CONVERTER.read(items.AddItem, request),
            items.add_item,
            lambda found: pb.AddItemResponse(item=translate.item(found)),
            pb.AddItemResponse,
        )

    async def ReportPressure(self, request: pb.ReportPressureRequest, context: Any) -> pb.ReportPressureResponse:
        return await self._calls.write(
            request,
            CONVERTER.read(ReportPressure, request, "cases"),
            pressure.report_pressure,
            lambda _: pb.ReportPressureResponse(),
            pb.ReportPressureResponse,
        )

    async def ReleaseItem(self, request: pb.ReleaseItemRequest, context: Any) -> pb.ReleaseItemResponse:
        return await self._calls.write(
            request,
            CONVERTER.read(items.ReleaseItem, request, "items"),
            items.release_item,
            lambda found: pb.ReleaseItemResponse(item=translate.item(found)),
            pb.ReleaseItemResponse,
        )

    async def ListItems(self, request: pb.ListItemsRequest, context: Any) -> pb.ListItemsResponse:
        def rows(tx: MediationTransaction, after: Key | None, count: int) -> Awaitable[list[Item]]:
            return items.list_items(tx, parse_name("cases", request.case, "case"), after[0] if after else None, count)

        return await self._calls.page(lists.ITEMS, request, pb.ListItemsResponse(), rows, translate.item)

    async def MakeOffer(self, request: pb.MakeOfferRequest, context: Any) -> pb.MakeOfferResponse:
        require_all_printable(self._require_printable, request.terms, "terms")
        await breathe()
        return await self._calls.write(
            request,
            CONVERTER.read(offers.MakeOffer, request),
            offers.make_offer,
            lambda view: pb.MakeOfferResponse(
                offer=translate.offer(view, self._clock.now()), findings=translate.findings(view.findings)
            ),
            pb.MakeOfferResponse,
        )

    async def RespondToOffer(self, request: pb.RespondToOfferRequest, context: Any) -> pb.RespondToOfferResponse:
        return await self._calls.write(
            request,
            CONVERTER.read(offers.RespondToOffer, request, "offers"),
            offers.respond_to_offer,
            lambda view: pb.RespondToOfferResponse(offer=translate.offer(view, self._clock.now())),
            pb.RespondToOfferResponse,
        )

    async def RevokeOffer(self, request: pb.RevokeOfferRequest, context: Any) -> pb.RevokeOfferResponse:
        return await self._calls.write(
            request,
            CONVERTER.read(offers.RevokeOffer, request, "offers"),
            offers.revoke_offer,
            lambda view: pb.RevokeOfferResponse(offer=translate.offer(view, self._clock.now())),
            pb.RevokeOfferResponse,
        )

    async def GetOffer(self, request: pb.GetOfferRequest, context: Any) -> pb.GetOfferResponse:
        id = parse_name("offers", request.name)

        async def query(tx: MediationTransaction) -> list[offers.OfferView]:
            return await queries.view_offers(tx, [await tx.offers.get(id)])

        view = (await self._calls.read(query))[0]
        return pb.GetOfferResponse(offer=translate.offer(view, self._clock.now()))

    async def ListOffers(self, request: pb.ListOffersRequest, context: Any) -> pb.ListOffersResponse:
        stored = lists.of_case(request, lambda tx: tx.offers)

        async def rows(tx: MediationTransaction, after: Key | None, count: int) -> list[offers.OfferView]:
            return await queries.view_offers(tx, await stored(tx, after, count))

        def show(view: offers.OfferView) -> offer_pb2.Offer:
            return translate.offer(view, self._clock.now())

        return await self._calls.page(lists.OFFERS, request, pb.ListOffersResponse(), rows, show, lists.shorten_offer)
