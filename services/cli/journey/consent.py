"""Stage 2: the other side claims its place by invitation, both agree to mediate, and the matter goes to mediation."""

from comity.intake.v1 import intake_service_pb2 as intake_pb

from services.cli.actor import Actor
from services.cli.journey.moves import Moves
from services.common.kernel.errors import DomainError, ErrorKind


class Consent(Moves):
    """From an invitation to a case at the mediation committee."""

    async def both_agree_to_mediate(self) -> None:
        """The other side claims its place by invitation; both consent; the matter goes to mediation."""
        officer, intake = self._people.officer, self._services.intake
        side = self.case.respondent
        with self._narrator.step(self.case.key, "other side invited, has claimed its place with a code"):
            await self._respondent.register(side.identity_number)
            await self._joins(self._respondent, "respondent")
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

    async def complainant_joins(self) -> None:
        """The complainant of a matter that an officer filed claims its place as the other side does."""
        await self._complainant.register(self.case.complainant.identity_number)
        await self._joins(self._complainant, "complainant")

    async def _joins(self, actor: Actor, side: str) -> None:
        officer, intake = self._people.officer, self._services.intake
        if await self._is_bound(actor):
            return
        await self._matter_step(
            officer, intake.InviteParty, intake_pb.InvitePartyRequest, step=side, party=self._parties[side]
        )
        await self._claim(actor, await self._mailbox.invitation_for(actor.email, self._start))
        await self._eventually(lambda: self._is_bound(actor))

    async def _claim(self, actor: Actor, invitation: str) -> None:
        try:
            await actor.claim(invitation)
        except DomainError as refusal:
            # A used invitation is as unknown as one that never was; if it was used here, the place is ours soon.
            if refusal.kind is not ErrorKind.NOT_FOUND:
                raise

    async def _is_bound(self, actor: Actor) -> bool | None:
        try:
            await self._get_matter(actor)
        except DomainError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return None
            raise
        return True

    async def _opened_case(self) -> str | None:
        return str((await self._get_matter(self._complainant)).case) or None
