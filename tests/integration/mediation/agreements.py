"""From an accepted offer to a sealed agreement, as tests walk it."""

from typing import Any
from uuid import UUID

from comity.mediation.v1 import agreement_pb2

from tests.integration.mediation.meetings import Meetings
from tests.kit.eventually import eventually


class Agreements(Meetings):
    """From an accepted offer to the sealed agreement."""

    async def agreed(self, **changes: Any) -> str:
        name = await self.opened(**changes)
        offer = await self.offer(name)
        await self.respond(offer.name, self.respondent, accept=True)
        return name

    async def draft(self, name: str) -> agreement_pb2.Agreement:
        case = await self.case(name)
        return (
            await self.call("DraftAgreement", self.mediator, case=name, version=case.version, terms=self.terms())
        ).agreement

    async def freeze(self, agreement: agreement_pb2.Agreement) -> agreement_pb2.SigningRound:
        answer = await self.call("FreezeAgreement", self.mediator, name=agreement.name, version=agreement.version)
        return answer.signing_round

    async def frozen(self, **changes: Any) -> tuple[str, agreement_pb2.Agreement, agreement_pb2.SigningRound]:
        name = await self.agreed(**changes)
        agreement = await self.draft(name)
        return name, agreement, await self.freeze(agreement)

    def proof(self, who: UUID, signing_round: agreement_pb2.SigningRound, **extra: Any) -> str:
        return self.issuer.proof(who, signing_round.name, signing_round.frozen_digest, **extra)

    async def sign(
        self, signing_round: agreement_pb2.SigningRound, who: UUID, slot: str, **fields: Any
    ) -> agreement_pb2.SigningRound:
        values = {
            "frozen_digest": signing_round.frozen_digest,
            "proof": self.proof(who, signing_round),
            "read_whole_document": True,
            "acts_freely": True,
        }
        answer = await self.call("SignAgreement", who, name=signing_round.name, slot=slot, **(values | fields))
        return answer.signing_round

    async def seal(self, signing_round: agreement_pb2.SigningRound) -> agreement_pb2.SigningRound:
        answer = await self.call(
            "SealAgreement",
            self.keeper,
            name=signing_round.name,
            frozen_digest=signing_round.frozen_digest,
            proof=self.proof(self.keeper, signing_round),
        )
        return answer.signing_round

    async def round_reaches(self, name: str, state: int, seconds: float = 30) -> agreement_pb2.SigningRound:
        async def there() -> agreement_pb2.SigningRound | None:
            found = (await self.call("GetSigningRound", self.mediator, name=name)).signing_round
            assert found.state == state, agreement_pb2.RoundState.Name(found.state)
            return found

        return await eventually(there, seconds)

    async def sealed(self, **changes: Any) -> tuple[str, agreement_pb2.Agreement, agreement_pb2.SigningRound]:
        """The whole way."""
        name, agreement, signing_round = await self.frozen(**changes)
        return await self.sign_all(name, agreement, signing_round)

    async def sign_all(
        self, name: str, agreement: agreement_pb2.Agreement, signing_round: agreement_pb2.SigningRound
    ) -> tuple[str, agreement_pb2.Agreement, agreement_pb2.SigningRound]:
        await self.sign(signing_round, self.respondent, "party-2")
        await self.sign(signing_round, self.complainant, "party-1")
        await self.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_PARTIES_COMPLETE)
        await self.sign(signing_round, self.mediator, "mediator")
        await self.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_AWAITING_SEAL)
        await self.seal(signing_round)
        signing_round = await self.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_SEALED)
        found = (await self.call("GetAgreement", self.complainant, name=agreement.name)).agreement
        return name, found, signing_round
