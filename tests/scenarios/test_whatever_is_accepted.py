"""Whatever is accepted at entry is carried to the end: random values from the filing to the sealed ruling, all services
running. What is refused is refused where it comes in, by field and in words. ``COMITY_EXAMPLES`` makes more.
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from comity.court_link.v1 import application_pb2

from services.cli.actor import Actor
from services.cli.sample_cases import CHINESE, Side
from services.common.kernel.errors import DomainError
from tests.kit.values import Values
from tests.scenarios.conftest import Town
from tests.scenarios.played import Played

EXAMPLES = int(os.environ.get("COMITY_EXAMPLES", "3"))
AT_ENTRY = {
    "UNPRINTABLE_CHARACTER",
    "NAME_REQUIRED",
    "IDENTITY_NUMBER_MALFORMED",
    "MALFORMED_DATE",
    "DOCKET_NUMBER_MALFORMED",
    "TERMS_TOO_LONG",
    "RECORD_TOO_LONG",
    "MALFORMED_REQUEST",
}
FILES = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class Carried(Played):
    """A case all of whose texts, names, numbers and files are random."""

    values: Values

    def _actor(self, side: Side) -> Actor:
        """People sign up as themselves: what the case calls them is another's word."""
        return super()._actor(replace(side, display_name="样本人（样本 SAMPLE）"))

    async def carried(self) -> None:
        await self.taken(self._filing, self.file)
        await self.take_up()
        await self.both_agree_to_mediate()
        await self.open_case()
        await self.taken(self._acting, self.state_who_acts)
        session = await self._hold(await self._check_in(await self._waive_notice(await self._schedule())))
        await self.taken(self._record_texts, lambda: self._record(session))
        await self.taken(self._terms_texts, self.negotiate)
        await self.sign()
        await self._eventually(self._eligible)
        application = await self.ruled_on(await self.supplied(await self._apply()))
        self.papers.ruling = await self._ruling_document(application.name)
        await self.close()

    async def taken(self, fresh: Callable[[], dict[str, Any]], act: Callable[[], Awaitable[Any]]) -> Any:
        """Tries with values until they are taken."""
        while True:
            self.case = replace(self.case, **fresh())
            try:
                return await act()
            except DomainError as refused:
                require_words(refused)

    async def supplied(self, application: Any) -> Any:
        """The court asks for more, and gets any file that is of a kind it takes."""
        application = await self.filed(application.name) or await self._eventually(lambda: self.filed(application.name))
        clerk, content = self._people.clerk, self.values.file(FILES)
        due_date = (self._clock.now().date()).replace(year=self._clock.now().year + 1).isoformat()

        async def asked() -> Any:
            fields = {"materials": self.case.request, "due_date": due_date}
            return await self.on_application(clerk, "RequireSupplement", application, **fields)

        await self.taken(lambda: {"request": self.values.text(1000)}, asked)

        async def sent() -> Any:
            fields = {"title": self.case.payment, "content": content}
            return await self.on_application(self._complainant, "SupplyMaterial", application, **fields)

        return await self.taken(lambda: {"payment": self.values.name()}, sent)

    async def ruled_on(self, application: Any) -> Any:
        clerk, judge = self._people.clerk, self._people.judge

        async def accept() -> Any:
            return await self.on_application(
                clerk, "AcceptApplication", application, docket_number=self.case.payment_method
            )

        async def inquire() -> Any:
            return await self.on_application(judge, "HoldInquiry", application, minutes=self.case.minutes)

        async def rule() -> Any:
            confirmed = application_pb2.RULING_OUTCOME_CONFIRMED
            return await self.ruled(application, confirmed, 0, self.case.reasons)

        await self.taken(lambda: {"payment_method": self.values.name()}, accept)
        await self.taken(lambda: {"minutes": self.values.text(5000)}, inquire)
        return await self.taken(lambda: {"reasons": self.values.chinese(5000)}, rule)

    def _filing(self) -> dict[str, Any]:
        values = self.values
        return {
            "complainant": self._side(self.case.complainant),
            "respondent": self._side(self.case.respondent),
            "facts": values.text(20_000),
            "request": values.text(5_000),
            "claimed": values.amount(),
            "source_facts": (("样本", values.text(4_000)),),
        }

    def _side(self, side: Side) -> Side:
        values = self.values
        given = values.particulars(0)
        return replace(
            side,
            display_name=given.display_name,
            identity_number=given.identity_number,
            address=given.address,
            region_code=given.region_code or side.region_code,
            phone=given.phone,
        )

    def _acting(self) -> dict[str, Any]:
        return {"respondent": replace(self.case.respondent, legal_representative=self.values.name())}

    def _record_texts(self) -> dict[str, Any]:
        return {name: self.values.text(2_000) for name in ("statement", "answer", "undisputed")}

    def _terms_texts(self) -> dict[str, Any]:
        values = self.values
        amount = values.amount()
        return {
            "agreed_facts": values.chinese(19_000),
            "issues": values.chinese(9_000),
            "responsibilities": values.chinese(3_000),
            "payment": values.chinese(3_000),
            "payment_method": values.chinese(400),
            "default_clause": values.chinese(1_000),
            "costs": values.chinese(1_000),
            "release_scope": values.chinese(1_000),
            "offered": amount,
            "countered": amount,
        }


def require_words(refused: DomainError) -> None:
    """What is refused at entry says which field, and what is wrong with it."""
    assert refused.reason in AT_ENTRY and refused.zh and refused.en, refused
    assert refused.field, refused


@pytest.mark.parametrize("seed", range(EXAMPLES))
async def test_what_is_taken_is_signed_sealed_ruled_on_and_closed(town: Town, seed: int) -> None:
    case = replace(CHINESE, key=f"carried {seed} {uuid4().hex[:8]}")
    journey = town.played(Carried, "carried", case)
    journey.values = Values(seed)
    await journey.carried()
    assert journey.papers.agreement.startswith(b"%PDF") and journey.papers.ruling.startswith(b"%PDF")
    await town.quiet()
    assert await town.dead_letters() == [] and await town.failed_jobs() == []
