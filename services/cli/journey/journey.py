"""The whole way of one case: the stages one after another."""

from services.cli.journey.agreement import Agreement
from services.cli.journey.closing import Closing
from services.cli.journey.court import Court
from services.cli.journey.other_ends import OtherEnds
from services.cli.journey.papers import Papers


class Journey(OtherEnds, Agreement, Court, Closing):
    """One case of one run, from filing to a ruling or to another end."""

    async def to_ruling(self) -> Papers:
        """The whole way to a confirmed settlement."""
        await self.file()
        await self.take_up()
        return await self._from_acceptance()

    async def _from_acceptance(self) -> Papers:
        await self.both_agree_to_mediate()
        await self.open_case()
        await self.state_who_acts()
        await self.meet()
        await self.negotiate()
        await self.sign()
        await self.apply_and_rule()
        await self.close()
        return self.papers

    async def settle(self) -> None:
        """A matter that was taken over, to a confirmed settlement."""
        await self.take_up()
        await self.complainant_joins()
        await self._from_acceptance()
