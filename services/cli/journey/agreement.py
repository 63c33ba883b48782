"""Stage 4: offers, and an agreement that the parties, the mediator and the seal sign."""

from datetime import UTC, timedelta
from typing import Any

from comity.mediation.v1 import agreement_pb2, offer_pb2, terms_pb2
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb

from services.cli.actor import Actor
from services.cli.journey.moves import Moves
from services.common.kernel.house import HOUSE_ZONE

_PAYMENT_DAYS = 14


class Agreement(Moves):
    """From a first offer to a sealed agreement."""

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
            facts=case.agreed_facts,
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

    async def settled_amount(self) -> int:
        """What the sealed agreement says is paid, in minor units, as mediation keeps it."""
        request = mediation_pb.GetAgreementRequest(name=self.papers.agreement_name)
        agreement = (await self._complainant.call(self._services.mediation.GetAgreement, request)).agreement
        return int(agreement.terms.total.minor_units)

    async def sign(self) -> None:
        """The agreement is drafted and frozen; parties, mediator and seal sign it."""
        with self._narrator.step(self.case.key, "agreement drafted, checked and frozen") as details:
            frozen = await self._frozen()
            details.append(f"{frozen.agreement.number}, SHA-256 {frozen.signing_round.frozen_digest.hex()[:16]}…")
        with self._narrator.step(self.case.key, "both parties, the mediator and the seal have signed") as details:
            await self._sign_all(frozen.signing_round)
            agreement = await self._eventually(lambda: self._sealed(frozen.agreement.name))
            effective = agreement.effective_time.ToDatetime(tzinfo=UTC)
            self.papers.effective = effective.isoformat()
            local = effective.astimezone(HOUSE_ZONE)
            details.append(f"effective {local:%Y-%m-%d %H:%M} (Beijing) by {agreement.effectiveness_rule}")
        self.papers.agreement_name = agreement.name
        forms = agreement_pb2
        self.papers.agreement = await self._document(agreement.name, forms.DOCUMENT_FORM_SIGNED)
        self.papers.terms = await self._document(agreement.name, forms.DOCUMENT_FORM_TERMS)

    async def _frozen(self) -> Any:
        mediation = self._services.mediation
        terms, message = self._terms(self.case.countered), mediation_pb.DraftAgreementRequest
        draft = (await self._case_write(self._mediator, mediation.DraftAgreement, message, terms=terms)).agreement
        freeze = mediation_pb.FreezeAgreementRequest(
            request_id=self._mediator.request_id(f"freeze {self._run}"), name=draft.name, version=draft.version
        )
        return await self._repeatable(self._mediator, mediation.FreezeAgreement, freeze)

    async def _sign_all(self, signing_round: Any) -> None:
        for slot in signing_round.slots:
            if slot.role == agreement_pb2.SLOT_ROLE_PARTY:
                await self._sign_slot(self._signer(slot.party), signing_round, slot.slot)
        await self._eventually(lambda: self._round_in(signing_round.name, agreement_pb2.ROUND_STATE_PARTIES_COMPLETE))
        for slot in signing_round.slots:
            if slot.role == agreement_pb2.SLOT_ROLE_MEDIATOR:
                await self._sign_slot(self._mediator, signing_round, slot.slot)
        await self._eventually(lambda: self._round_in(signing_round.name, agreement_pb2.ROUND_STATE_AWAITING_SEAL))
        await self._seal(signing_round)

    def _signer(self, party: str) -> Actor:
        return self._complainant if party == self._parties["complainant"] else self._respondent

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
