"""The ends of a matter that no settlement comes to: withdrawn, declined, no agreement, no mediation at all."""

from comity.intake.v1 import intake_service_pb2 as intake_pb
from comity.intake.v1 import matter_pb2
from comity.mediation.v1 import case_pb2
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb

from services.cli.complaints import End
from services.cli.journey.consent import Consent
from services.cli.journey.filing import Filing
from services.cli.journey.meeting import Meeting
from services.cli.journey.moves import REMEDIES

_NO_MEDIATION = {
    End.REFERRED_ELSEWHERE: matter_pb2.NO_MEDIATION_REASON_REFERRED_ELSEWHERE,
    End.OTHER_SIDE_UNREACHABLE: matter_pb2.NO_MEDIATION_REASON_OTHER_SIDE_UNREACHABLE,
    End.COMPLAINANT_GONE: matter_pb2.NO_MEDIATION_REASON_COMPLAINANT_UNREACHABLE,
}


class OtherEnds(Filing, Consent, Meeting):
    """A matter that was taken over, taken to the end that was published for it."""

    async def end_otherwise(self, end: End) -> None:
        """To an end without a settlement, as it was published."""
        if end is End.WITHDRAWN:
            await self.take_up()
            await self.complainant_joins()
            await self._matter_step(
                self._complainant, self._services.intake.WithdrawMatter, intake_pb.WithdrawMatterRequest, reason=""
            )
        elif end is End.DECLINED:
            await self._decline()
        elif end is End.NO_AGREEMENT:
            await self.take_up()
            await self.complainant_joins()
            await self.both_agree_to_mediate()
            await self.open_case()
            await self.state_who_acts()
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
            remedies=REMEDIES,
        )

    async def _terminate(self) -> None:
        await self._case_step(
            self._mediator,
            self._services.mediation.TerminateCase,
            mediation_pb.TerminateCaseRequest,
            reason=case_pb2.TERMINATION_REASON_GAP_TOO_WIDE,
            statement=f"Published: {dict(self.case.source_facts).get('result', '')} (sample)",
            remedies=REMEDIES,
        )
        await self._eventually(lambda: self._in_state(matter_pb2.MATTER_STATE_CALL_BACK_PENDING))

    async def _end_without_mediation(self, reason: "matter_pb2.NoMediationReason.ValueType") -> None:
        await self._matter_step(
            self._people.officer,
            self._services.intake.EndWithoutMediation,
            intake_pb.EndWithoutMediationRequest,
            reason=reason,
            remedies=REMEDIES,
        )
