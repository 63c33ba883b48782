"""What one side does alone leaves every view of the others as it was, byte for byte: versions, times and order included."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from comity.common.v1 import party_pb2
from comity.mediation.v1 import case_pb2, mediation_service_pb2, session_pb2

from tests.integration.mediation.running import Mediation, refusal
from tests.kit.views import Views, unseen_by

Act = Callable[[Mediation, "Stage"], Awaitable[None]]
_SERVICE = mediation_service_pb2.DESCRIPTOR.services_by_name["MediationService"]


class Stage:
    """A frozen agreement, an open proposal by the mediator, a joint session ahead: everything that can be looked at."""

    def __init__(self, mediation: Mediation) -> None:
        self.mediation = mediation

    async def set(self) -> "Stage":
        mediation = self.mediation
        self.signing, _, self.round = await mediation.frozen()
        mediation.mediator = uuid4()
        self.talks = await mediation.opened()
        self.proposal = await mediation.offer(self.talks, mediation.mediator)
        await mediation.schedule(self.talks, 300)
        return self

    def seen_by(self, who: UUID) -> Views:
        """All that this person can read of mediation."""
        mediation = self.mediation
        return Views(_SERVICE, mediation.stub, mediation.database.superuser_url, lambda: mediation.token(who))


async def says_at_signing_that_it_is_not_free(mediation: Mediation, stage: Stage) -> None:
    await mediation.sign(stage.round, mediation.complainant, "party-1", acts_freely=False, proof="")


async def reports_pressure(mediation: Mediation, stage: Stage) -> None:
    for case in (stage.talks, stage.signing):
        await report(mediation, case)


async def accepts_a_proposal_blind(mediation: Mediation, stage: Stage) -> None:
    await mediation.respond(stage.proposal.name, mediation.complainant, accept=True)


async def refuses_a_proposal_blind(mediation: Mediation, stage: Stage) -> None:
    await mediation.respond(stage.proposal.name, mediation.complainant, accept=False)


async def writes_for_itself_and_for_the_mediator(mediation: Mediation, stage: Stage) -> None:
    for compartment in (case_pb2.COMPARTMENT_PARTY_PRIVATE, case_pb2.COMPARTMENT_CAUCUS):
        await mediation.call(
            "AddItem",
            mediation.complainant,
            case=stage.talks,
            compartment=compartment,
            party=f"parties/{mediation.party_a}",
            text="样本 SAMPLE",
        )


async def talks_to_the_mediator_alone(mediation: Mediation, stage: Stage) -> None:
    """Scheduled, moved, held, recorded, and one more called off."""
    alone = {"kind": session_pb2.SESSION_KIND_CAUCUS, "caucus_party": f"parties/{mediation.party_a}"}
    session = await mediation.schedule(stage.talks, 100, **alone)
    times = {"start_time": mediation.at(hours=110), "end_time": mediation.at(hours=111)}
    await mediation.on_session("RescheduleSession", mediation.mediator, session.name, reason="改期", **times)
    cancelled = await mediation.schedule(stage.talks, 120, **alone)
    await mediation.on_session("CancelSession", mediation.mediator, cancelled.name, reason="取消")


async def reads_everything(mediation: Mediation, stage: Stage) -> None:
    for who in (mediation.complainant, mediation.mediator):
        views = stage.seen_by(who)
        await views.of(await views.everything())


async def report(mediation: Mediation, case: str, who: UUID | None = None, text: str = "") -> None:
    party = f"parties/{mediation.party_a}"
    await mediation.call("ReportPressure", who or mediation.complainant, name=case, party=party, text=text)


@pytest.mark.parametrize(
    "act",
    [
        says_at_signing_that_it_is_not_free,
        reports_pressure,
        accepts_a_proposal_blind,
        refuses_a_proposal_blind,
        writes_for_itself_and_for_the_mediator,
        talks_to_the_mediator_alone,
        reads_everything,
    ],
    ids=lambda act: act.__name__,
)
async def test_what_one_side_does_alone_changes_nothing_that_the_other_side_can_see(
    mediation: Mediation, act: Act
) -> None:
    stage = await Stage(mediation).set()
    async with unseen_by(stage.seen_by(mediation.respondent)):
        await act(mediation, stage)


async def test_pressure_is_told_at_any_step_without_proof_and_to_the_mediator_alone(mediation: Mediation) -> None:
    early = await mediation.forward()
    await report(mediation, early, text="有人要我签字（样本）")
    await mediation.open(early)
    await report(mediation, early)
    stop = {"party": f"parties/{mediation.party_b}"}
    await mediation.on_case("LeaveMediation", mediation.respondent, early, **stop)
    await report(mediation, early)
    told = (await mediation.call("ListItems", mediation.mediator, case=early)).items
    assert [(each.pressure, each.party, each.text) for each in told] == [
        (True, f"parties/{mediation.party_a}", "有人要我签字（样本）"),
        (True, f"parties/{mediation.party_a}", ""),
        (True, f"parties/{mediation.party_a}", ""),
    ]
    for other in (mediation.complainant, mediation.respondent, mediation.administrator, mediation.keeper):
        assert list((await mediation.call("ListItems", other, case=early)).items) == []
    assert len(await mediation.events("item.pressure_reported")) == 3


async def test_nobody_reports_pressure_for_somebody_else(mediation: Mediation) -> None:
    name = await mediation.opened()
    for other in (mediation.respondent, mediation.mediator, mediation.administrator, uuid4()):
        assert await refusal(report(mediation, name, other)) == "NOT_FOUND"
    assert await mediation.sql("SELECT 1 FROM items") == []


async def test_a_power_that_has_run_out_silences_nobody_at_signing(mediation: Mediation) -> None:
    name = await mediation.agreed()
    agent, party = uuid4(), f"parties/{mediation.party_b}"
    fields = {"display_name": "代样本", "authority": party_pb2.AUTHORITY_AGENT_GENERAL, "end_date": "2026-03-02"}
    await mediation.on_case(
        "AppointRepresentative", mediation.respondent, name, party=party, account=f"accounts/{agent}", **fields
    )
    signing_round = await mediation.freeze(await mediation.draft(name))
    mediation.clock.advance(timedelta(days=1))
    await mediation.sign(signing_round, agent, "party-2", acts_freely=False, proof="")
    told = (await mediation.call("ListItems", mediation.mediator, case=name)).items
    assert [(each.pressure, each.party) for each in told] == [(True, party)]


async def test_a_private_session_is_known_to_who_arranges_it_and_not_to_who_seals(mediation: Mediation) -> None:
    name = await mediation.opened()
    alone = {"kind": session_pb2.SESSION_KIND_CAUCUS, "caucus_party": f"parties/{mediation.party_a}"}
    session = await mediation.schedule(name, **alone)
    for who, sees in ((mediation.administrator, True), (mediation.keeper, False)):
        listed = (await mediation.call("ListSessions", who, case=name)).sessions
        assert [each.name for each in listed] == ([session.name] if sees else [])
