"""From an opened case to an accepted offer, as tests walk it. 样本 SAMPLE."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from comity.common.v1 import party_pb2
from comity.mediation.v1 import case_pb2, offer_pb2, session_pb2, terms_pb2

from tests.integration.mediation.origins import Origins
from tests.kit.eventually import eventually


class Meetings(Origins):
    """The case opened, its sessions with their records, and offers."""

    async def roster(self, account: UUID | None = None, **fields: Any) -> str:
        fields = {"display_name": "李调解", "employer": "", **fields}
        answer = await self.call(
            "CreateMediator",
            self.administrator,
            organisation=f"organisations/{self.organisation}",
            account=f"accounts/{account or self.mediator}",
            **fields,
        )
        return str(answer.mediator.name)

    async def open(self, name: str) -> case_pb2.Case:
        """A mediator appointed, clear of conflicts, and the case open."""
        mediator = await self.roster()
        await self.on_case("AppointMediator", self.administrator, name, mediator=mediator)
        await self.on_case("DiscloseConflict", self.mediator, name, statement="无利害关系")
        await self.state_who_acts(name)
        await self.read_the_notice(name)
        return await self.on_case("OpenCase", self.mediator, name, identities_checked=True)

    async def read_the_notice(self, name: str) -> None:
        for who, party in ((self.complainant, self.party_a), (self.respondent, self.party_b)):
            notice = await self.call("GetCaseNotice", who, name=name)
            await self.on_case("AcknowledgeNotice", who, name, party=f"parties/{party}", digest=notice.digest)

    async def state_who_acts(self, name: str) -> case_pb2.Case:
        """The respondent is a company, for which its legal representative acts."""
        return await self.on_case(
            "AppointRepresentative",
            self.respondent,
            name,
            party=f"parties/{self.party_b}",
            account=f"accounts/{self.respondent}",
            display_name="张法人",
            authority=party_pb2.AUTHORITY_LEGAL_REPRESENTATIVE,
        )

    async def opened(self, **changes: Any) -> str:
        name = await self.forward(**changes)
        await self.open(name)
        return name

    async def schedule(
        self, name: str, start_hours: float = 80, hours: float = 1, **fields: Any
    ) -> session_pb2.Session:
        case = await self.case(name)
        fields = {"kind": session_pb2.SESSION_KIND_JOINT, **fields}
        answer = await self.call(
            "ScheduleSession",
            self.mediator,
            case=name,
            version=case.version,
            start_time=self.at(hours=start_hours),
            end_time=self.at(hours=start_hours + hours),
            **fields,
        )
        return answer.session

    async def on_session(self, method: str, who: UUID, name: str, **fields: Any) -> session_pb2.Session:
        version = (await self.call("GetSession", self.mediator, name=name)).session.version
        return (await self.call(method, who, name=name, version=version, **fields)).session

    async def hold(
        self, name: str, *, end: bool = True, start_hours: float = 80, caucus_party: UUID | None = None
    ) -> session_pb2.Session:
        """A session with everybody there who belongs there: joint, or with one party alone."""
        fields: dict[str, Any] = {}
        if caucus_party:
            fields = {"kind": session_pb2.SESSION_KIND_CAUCUS, "caucus_party": f"parties/{caucus_party}"}
        session = await self.schedule(name, start_hours, **fields)
        self.clock.advance(timedelta(hours=start_hours))
        for who, party in ((self.complainant, self.party_a), (self.respondent, self.party_b)):
            if caucus_party in (None, party):
                await self.on_session(
                    "CheckIn",
                    self.mediator,
                    session.name,
                    party=f"parties/{party}",
                    account=f"accounts/{who}",
                    identity_method="ID_CARD",
                )
        session = await self.on_session("StartSession", self.mediator, session.name)
        if end:
            session = await self.on_session(
                "EndSession", self.mediator, session.name, result=session_pb2.SESSION_RESULT_HELD
            )
        return session

    async def draft_record(self, session: session_pb2.Session, **fields: Any) -> session_pb2.SessionRecord:
        values: dict[str, Any] = {
            "statements": [session_pb2.Statement(party=f"parties/{self.party_a}", text="要求退款。")],
            "undisputed_facts": ["双方于2025年订立合同。"],
            "result": "继续调解。",
        }
        answer = await self.call(
            "DraftSessionRecord", self.mediator, session=session.name, version=session.version, **(values | fields)
        )
        return answer.session_record

    async def answer_record(
        self, record: session_pb2.SessionRecord, who: UUID, response: int, remarks: str = ""
    ) -> session_pb2.SessionRecord:
        answer = await self.call(
            "ConfirmSessionRecord",
            who,
            name=record.name,
            version=record.version,
            response=response,
            remarks=remarks,
        )
        return answer.session_record

    async def closed_record(self, name: str) -> session_pb2.SessionRecord:
        """The record of a joint session that both parties have confirmed."""
        record = await self.draft_record(await self.hold(name))
        for who in (self.complainant, self.respondent):
            record = await self.answer_record(record, who, session_pb2.RECORD_RESPONSE_CONFIRM)
        return record

    async def sealed_record(self, record: session_pb2.SessionRecord, seconds: float = 30) -> session_pb2.SessionRecord:
        """The record once its sealed document exists."""

        async def there() -> session_pb2.SessionRecord | None:
            found = (await self.call("GetSessionRecord", self.mediator, name=record.name)).session_record
            return found if found.document_digest else None

        found = await eventually(there, seconds)
        assert found is not None
        return found

    async def offer(self, name: str, who: UUID | None = None, **fields: Any) -> offer_pb2.Offer:
        case = await self.case(name)
        who = who or self.complainant
        party = {self.complainant: self.party_a, self.respondent: self.party_b}.get(who)
        values: dict[str, Any] = {
            "kind": offer_pb2.OFFER_KIND_PARTY if party else offer_pb2.OFFER_KIND_MEDIATOR_PROPOSAL,
            "party": f"parties/{party}" if party else "",
            "terms": self.terms(),
            "expire_time": self.at(days=3),
        }
        answer = await self.call("MakeOffer", who, case=name, version=case.version, **(values | fields))
        return answer.offer

    async def respond(self, offer: str, who: UUID, *, accept: bool, party: UUID | None = None) -> offer_pb2.Offer:
        version = (await self.call("GetOffer", self.mediator, name=offer)).offer.version
        own = {self.complainant: self.party_a, self.respondent: self.party_b}.get(who)
        answer = await self.call(
            "RespondToOffer", who, name=offer, version=version, party=f"parties/{party or own}", accept=accept
        )
        return answer.offer

    def terms(self, amount: int = 70700) -> terms_pb2.Terms:
        terms = terms_pb2.Terms(
            facts="样本 SAMPLE:预付卡余额未退。",
            issues="余额是否应退。",
            responsibilities="被申请人应退还余额。",
            default_clause="逾期按日万分之五支付违约金。",
            costs="调解不收费。",
            release_scope="本纠纷就此了结。",
            copies=3,
        )
        obligation = terms.obligations.add(
            obligor=f"parties/{self.party_b}",
            obligee=f"parties/{self.party_a}",
            description="退还余额",
            due_date=max("2026-04-30", (self.clock.now() + timedelta(days=30)).date().isoformat()),
            payment_method="银行转账至申请人账户",
        )
        obligation.amount.currency, obligation.amount.minor_units = "CNY", amount
        terms.total.currency, terms.total.minor_units = "CNY", amount
        return terms
