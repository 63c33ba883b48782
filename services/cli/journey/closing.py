"""Stage 6, back at the intake office: the complainant is called back and the matter is closed."""

from typing import Any

from comity.intake.v1 import matter_pb2
from comity.notify.v1 import notice_pb2
from comity.notify.v1 import notify_service_pb2 as notify_pb

from services.cli.journey.moves import Moves


class Closing(Moves):
    """The call-back, and the end of the matter."""

    async def close(self) -> None:
        """The officer calls the complainant back and the matter is closed."""
        officer, notify = self._people.officer, self._services.notify
        with self._narrator.step(self.case.key, "complainant called back; matter closed"):
            call_back = await self._eventually(self._call_back)
            if call_back is True:
                return
            attempt = notify_pb.RecordCallBackAttemptRequest(
                request_id=officer.request_id(f"call back {self._run}"),
                name=call_back.name,
                version=call_back.version,
                connected=True,
                rating=5,
            )
            await self._repeatable(officer, notify.RecordCallBackAttempt, attempt)
            await self._eventually(lambda: self._in_state(matter_pb2.MATTER_STATE_CLOSED))

    async def _call_back(self) -> Any:
        """The call-back that is due; True when the matter is closed, because an earlier life has called."""
        request = notify_pb.ListCallBacksRequest(page_size=200, state=notice_pb2.CALL_BACK_STATE_DUE)
        response = await self._people.officer.call(self._services.notify.ListCallBacks, request)
        due = next((each for each in response.call_backs if each.subject == self._matter), None)
        return due or await self._in_state(matter_pb2.MATTER_STATE_CLOSED)
