"""The part of a case that is played at the committee, move by move."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from comity.intake.v1 import matter_pb2
from comity.mediation.v1 import agreement_pb2, case_pb2, offer_pb2, session_pb2, terms_pb2
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb

from services.cli.actor import Actor
from services.cli.journey import Journey
from services.cli.mailbox import BEGINNING

SIDES = ("complainant", "respondent")


class Mediated(Journey):
    """Journey with single moves of mediation, each by whoever the scenario says."""

    @property
    def name(self) -> str:
        """``cases/...``"""
        return self._mediation_case

    @property
    def matter(self) -> str:
        return self._matter

    @property
    def parties(self) -> dict[str, str]:
        return self._parties

    async def invitation(self) -> str:
        """The invitation by which the respondent came in."""
        return str(await self._mailbox.invitation_for(self._respondent.email, BEGINNING))

    @property
    def complainant(self) -> Actor:
        return self._complainant

    @property
    def respondent(self) -> Actor:
        return self._respondent

    @property
    def officer(self) -> Actor:
        return self._people.officer

    @property
    def mediator(self) -> Actor:
        return self._mediator

    def of(self, side: str) -> Actor:
        return self._complainant if side == "complainant" else self._respondent

    def stranger(self, display_name: str, mail: str) -> Actor:
        """Somebody with a mail address and no account yet."""
        mail = f"{mail}.{uuid4().hex[:8]}@sample.invalid"
        return Actor(self._services, self._mailbox, self._run, f"{display_name}（样本）", mail, "zh", self._clock)

    async def to_open(self) -> None:
        """Filed, taken up, agreed to, and opened by a mediator."""
        await self.file()
        await self.take_up()
        await self.both_agree_to_mediate()
        await self.open_case()
        await self.state_who_acts()

    async def to_sealed(self) -> None:
        """Settled without a session, signed by all and sealed."""
        await self.to_open()
        await self.negotiate()
        await self.sign()

    async def to_frozen(self) -> Any:
        """Settled and frozen: the signing round."""
        await self.to_open()
        await self.negotiate()
        return (await self.freeze(await self.draft())).signing_round

    # Mediation.

    async def state(self) -> Any:
        return await self._get_case(self._mediator)

    async def on_case(self, actor: Actor, method: str, **fields: Any) -> Any:
        """A write on the case itself, at its present version."""
        message = getattr(mediation_pb, f"{method}Request")
        return (await self._case_step(actor, getattr(self._services.mediation, method), message, **fields)).case

    async def note(self, actor: Actor, text: str, compartment: int, side: str = "") -> Any:
        request = mediation_pb.AddItemRequest(
            request_id=str(uuid4()),
            case=self.name,
            compartment=compartment,
            party=self.parties[side] if side else "",
            text=text,
        )
        return (await actor.call(self._services.mediation.AddItem, request)).item

    async def caucus_note(self, side: str, text: str) -> Any:
        """What a party tells the mediator alone."""
        return await self.note(self.of(side), text, case_pb2.COMPARTMENT_CAUCUS, side)

    async def release_as(self, actor: Actor, item: Any, name: str = "") -> Any:
        request = mediation_pb.ReleaseItemRequest(request_id=str(uuid4()), name=name or item.name, version=item.version)
        return (await actor.call(self._services.mediation.ReleaseItem, request)).item

    async def items(self, actor: Actor) -> list[Any]:
        request = mediation_pb.ListItemsRequest(case=self.name, page_size=200)
        return list((await actor.call(self._services.mediation.ListItems, request)).items)

    def terms(self, amount: int) -> terms_pb2.Terms:
        return self._terms(amount)

    async def offer(self, side: str, amount: int, counters: str = "", lasting: timedelta = timedelta(days=3)) -> Any:
        return await self.offer_of(side, self._terms(amount), counters, lasting)

    async def offer_of(
        self, side: str, terms: terms_pb2.Terms, counters: str = "", lasting: timedelta = timedelta(days=3)
    ) -> Any:
        response = await self._case_write(
            self.of(side),
            self._services.mediation.MakeOffer,
            mediation_pb.MakeOfferRequest,
            kind=offer_pb2.OFFER_KIND_PARTY,
            party=self.parties[side],
            step=str(uuid4()),
            counters=counters,
            terms=terms,
            expire_time=self._clock.now() + lasting,
        )
        return response.offer

    async def consent_to_mediation(self, side: str) -> Any:
        """A party asks for mediation: at the beginning, or anew after a dismissal."""
        response = await self._case_step(
            self.of(side),
            self._services.mediation.ConsentToMediation,
            mediation_pb.ConsentToMediationRequest,
            step=f"{side} {uuid4()}",
            party=self.parties[side],
            mediation=True,
        )
        return response.case

    async def respond(self, actor: Actor, offer: Any, side: str, accept: bool = True) -> Any:
        request = mediation_pb.RespondToOfferRequest(
            request_id=str(uuid4()), name=offer.name, version=offer.version, party=self.parties[side], accept=accept
        )
        return (await actor.call(self._services.mediation.RespondToOffer, request)).offer

    async def draft(self, terms: terms_pb2.Terms | None = None) -> Any:
        mediation = self._services.mediation
        terms = terms or self._terms(self.case.countered)
        return (
            await self._case_write(
                self._mediator,
                mediation.DraftAgreement,
                mediation_pb.DraftAgreementRequest,
                step=str(uuid4()),
                terms=terms,
            )
        ).agreement

    async def revise(self, agreement: Any, terms: terms_pb2.Terms) -> Any:
        request = mediation_pb.ReviseAgreementRequest(
            request_id=str(uuid4()), name=agreement.name, version=agreement.version, terms=terms
        )
        return (await self._mediator.call(self._services.mediation.ReviseAgreement, request)).agreement

    async def freeze(self, agreement: Any) -> Any:
        request = mediation_pb.FreezeAgreementRequest(
            request_id=str(uuid4()), name=agreement.name, version=agreement.version
        )
        return await self._mediator.call(self._services.mediation.FreezeAgreement, request)

    def slot(self, signing_round: Any, side: str) -> str:
        return next(each.slot for each in signing_round.slots if each.party == self.parties[side])

    async def sign_for(self, actor: Actor, signing_round: Any, slot: str) -> None:
        await self.sign_with_digest(actor, signing_round, slot, signing_round.frozen_digest)

    async def signed_by_parties(self, signing_round: Any) -> None:
        for side in SIDES:
            await self._sign_slot(self.of(side), signing_round, self.slot(signing_round, side))
        await self.round_in(signing_round, agreement_pb2.ROUND_STATE_PARTIES_COMPLETE)

    async def sealed_by_organisation(self, signing_round: Any) -> Any:
        await self._sign_slot(self._mediator, signing_round, "mediator")
        await self.round_in(signing_round, agreement_pb2.ROUND_STATE_AWAITING_SEAL)
        await self._seal(signing_round)
        agreement = await self._eventually(lambda: self._sealed(signing_round.agreement))
        self.papers.agreement_name = agreement.name
        return agreement

    async def round_in(self, signing_round: Any, state: int) -> None:
        await self._eventually(lambda: self._round_in(signing_round.name, state))

    async def sign_with_digest(self, actor: Actor, signing_round: Any, slot: str, digest: bytes) -> None:
        """Signs this round with the digest of another text, proven for it."""
        request = mediation_pb.SignAgreementRequest(
            request_id=str(uuid4()),
            name=signing_round.name,
            slot=slot,
            frozen_digest=digest,
            proof=await actor.prove(signing_round.name, digest),
            read_whole_document=True,
            acts_freely=True,
        )
        await actor.call(self._services.mediation.SignAgreement, request)

    async def signing_round(self, name: str) -> Any:
        request = mediation_pb.GetSigningRoundRequest(name=name)
        return (await self._mediator.call(self._services.mediation.GetSigningRound, request)).signing_round

    async def slot_signed(self, name: str, slot: str) -> None:
        async def signed() -> bool | None:
            slots = {each.slot: each.state for each in (await self.signing_round(name)).slots}
            return True if slots[slot] == agreement_pb2.SLOT_STATE_SIGNED else None

        await self._eventually(signed)

    async def agreement(self, name: str) -> Any:
        request = mediation_pb.GetAgreementRequest(name=name)
        return (await self._complainant.call(self._services.mediation.GetAgreement, request)).agreement

    async def document(self, name: str, form: int) -> bytes:
        return await self._document(name, form)

    async def session(self) -> Any:
        """A joint session whose notice both sides waived, with nobody there yet."""
        session = await self._schedule()
        for side in SIDES:
            session = await self.on_session(self.of(side), "WaiveNotice", session, party=self.parties[side])
        return session

    async def on_session(self, actor: Actor, method: str, session: Any, **fields: Any) -> Any:
        async def version(_actor: Actor) -> Any:
            return session

        write = getattr(self._services.mediation, method)
        message = getattr(mediation_pb, f"{method}Request")
        response = await self._versioned(actor, write, message, version, step=str(uuid4()), name=session.name, **fields)
        return response.session

    async def held(self, session: Any, present: dict[str, Actor]) -> Any:
        """The session, with who is there for each side."""
        for side, actor in present.items():
            session = await self.on_session(
                self._mediator,
                "CheckIn",
                session,
                party=self.parties[side],
                account=actor.account,
                identity_method="一次性验证码登录",
            )
        session = await self.on_session(self._mediator, "StartSession", session)
        return await self.on_session(self._mediator, "EndSession", session, result=session_pb2.SESSION_RESULT_HELD)

    async def call_back(self) -> Any:
        return await self._call_back()

    async def matter_at_rest(self) -> Any:
        """The matter once mediation is over for it."""
        matter = await self._get_matter(self._complainant)
        return matter if matter.state == matter_pb2.MATTER_STATE_CALL_BACK_PENDING else None

    async def schedule(self, kind: int, caucus_party: str = "") -> Any:
        start = self._clock.now() + timedelta(seconds=1)
        response = await self._case_write(
            self._mediator,
            self._services.mediation.ScheduleSession,
            mediation_pb.ScheduleSessionRequest,
            step=str(uuid4()),
            kind=kind,
            caucus_party=caucus_party,
            start_time=start,
            end_time=start + timedelta(minutes=30),
        )
        return response.session

    async def recorded(self, session: Any, side: str, text: str) -> Any:
        """The record of what one side said, confirmed by it and sealed."""
        mediation = self._services.mediation
        request = mediation_pb.DraftSessionRecordRequest(
            request_id=str(uuid4()),
            session=session.name,
            version=session.version,
            statements=[session_pb2.Statement(party=self.parties[side], text=text)],
            result="继续调解（样本）",
        )
        record = (await self._mediator.call(mediation.DraftSessionRecord, request)).session_record
        confirm = mediation_pb.ConfirmSessionRecordRequest(
            request_id=str(uuid4()),
            name=record.name,
            version=record.version,
            response=session_pb2.RECORD_RESPONSE_CONFIRM,
        )
        record = (await self.of(side).call(mediation.ConfirmSessionRecord, confirm)).session_record
        await self._eventually(lambda: self._record_sealed(record.name))
        return record
