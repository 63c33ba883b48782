"""What the court's side does by the regimes of its house, whatever they call their clocks and themselves."""

from pathlib import Path

import pytest
from comity.court_link.v1 import court_pb2

from services.common.kernel.errors import DomainError
from tests.integration.court_link.test_referring import dossier_of, referred
from tests.integration.court_link.world import XUANWU, deadline
from tests.integration.court_link.world import world as open_world
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.rules import another_clock, edited
from tests.kit.signing import Round

ANOTHER_WINDOW = {
    "clocks/confirmation.toml": {
        "[[rule]]\n": another_clock("CONF.LOCAL", like="CONF.APPLY", file="confirmation.toml") + "[[rule]]\n"
    },
    "regimes/peoples.toml": {'APPLY_FOR_CONFIRMATION = "CONF.APPLY"': 'APPLY_FOR_CONFIRMATION = "CONF.LOCAL"'},
}


async def test_the_window_lapses_by_whichever_clock_its_regime_names(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path, agreement_round: Round
) -> None:
    rules = edited(tmp_path, ANOTHER_WINDOW)
    async with open_world(postgres, nats, tmp_path, agreement_round, rules=rules) as world:
        sealed = await world.sealed()
        assert (await world.eligibility(sealed)).window.rule == "CONF.LOCAL@2024"
        world.at(2026, 10, 9)

        async def lapsed() -> bool:
            return await world.count("SELECT count(*) FROM event_log WHERE type = 'application_window.lapsed'") == 1

        await eventually(lapsed)


async def test_a_referral_runs_under_the_regime_of_its_kind_whatever_that_is_called(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path, agreement_round: Round
) -> None:
    another = {"regimes/delegated.toml": {'id = "SPECIAL_INVITED_DELEGATED"': 'id = "DELEGATED_HERE"'}}
    async with open_world(postgres, nats, tmp_path, agreement_round, rules=edited(tmp_path, another)) as world:
        bench = await world.bench(XUANWU)
        referral = await referred(world, bench.clerk, bench.court.name)
        assert (await dossier_of(world, referral)).regime == "DELEGATED_HERE@2024"


async def test_a_kind_that_no_regime_takes_is_refused(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path, agreement_round: Round
) -> None:
    rules = edited(tmp_path, {})
    (rules / "regimes" / "entrusted.toml").unlink()
    async with open_world(postgres, nats, tmp_path, agreement_round, rules=rules) as world:
        bench = await world.bench(XUANWU)
        with pytest.raises(DomainError, match="REFERRAL_KIND_NOT_SERVED") as refused:
            await referred(world, bench.clerk, bench.court.name, kind=court_pb2.REFERRAL_KIND_ENTRUSTED)
        assert refused.value.field == "kind"


async def test_what_the_regime_does_not_open_to_mediation_is_not_referred(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path, agreement_round: Round
) -> None:
    another = {"regimes/delegated.toml": {'"OTHER_PROCEDURE"': '"OTHER_PROCEDURE", "TENANCY"'}}
    async with open_world(postgres, nats, tmp_path, agreement_round, rules=edited(tmp_path, another)) as world:
        bench = await world.bench(XUANWU)
        with pytest.raises(DomainError, match="SUBJECT_EXCLUDED") as refused:
            await referred(world, bench.clerk, bench.court.name, subject_matter="TENANCY")
        assert refused.value.field == "subject_matter"


async def test_whether_and_where_an_agreement_is_confirmed_its_regime_says(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path, agreement_round: Round
) -> None:
    another = {
        "regimes/peoples.toml": {
            'competence = "DOMICILE_SUBJECT_ORGANISATION"': 'competence = "INVITING_COURT"',
            '"RIGHTS_DETERMINATION"]': '"RIGHTS_DETERMINATION", "TENANCY"]',
        },
        "regimes/entrusted.toml": {"由法院制作调解书，或者": "由法院制作调解书（样本），或者"},
    }
    async with open_world(postgres, nats, tmp_path, agreement_round, rules=edited(tmp_path, another)) as world:
        bench = await world.bench(XUANWU)
        inviting = await world.eligibility(await world.sealed(), bench.court.name)
        assert [each.reason for each in inviting.obstacles] == ["COURT_NOT_COMPETENT"]
        invited = await world.sealed(court=bench.court.name)
        assert (await world.eligibility(invited, bench.court.name)).eligible
        excluded = await world.eligibility(await world.sealed(court=bench.court.name, subject_matter="TENANCY"))
        assert not excluded.eligible
        entrusted = await world.sealed(kind="ENTRUSTED", regime="SPECIAL_INVITED_ENTRUSTED@2024", effective=None)
        (obstacle,) = (await world.eligibility(entrusted)).obstacles
        assert obstacle.reason == "NOT_CONFIRMABLE_ENTRUSTED" and "调解书（样本）" in obstacle.message_zh


async def test_the_review_is_prolonged_as_long_as_its_clock_lets_it(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path, agreement_round: Round
) -> None:
    another = {"clocks/confirmation.toml": {"extension = { count = 10,": "extension = { count = 4,"}}
    async with open_world(postgres, nats, tmp_path, agreement_round, rules=edited(tmp_path, another)) as world:
        bench, sealed = await world.bench(XUANWU), await world.sealed()
        application = await world.under_review(sealed, bench)
        assert deadline(application, "CONF.DECIDE.PM").due_date == "2026-09-16"
        extended = (await world.desk(bench.judge, "ExtendReview", application, approval="院长批准")).application
        # A Sunday that is worked, for the holiday after it.
        assert deadline(extended, "CONF.DECIDE.PM").due_date == "2026-09-20"


async def test_where_the_rule_leaves_it_to_the_president_the_days_are_said(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path, agreement_round: Round
) -> None:
    special = {"regimes/peoples.toml": {'COURT_DECIDE = "CONF.DECIDE.PM"': 'COURT_DECIDE = "CONF.DECIDE.SP"'}}
    async with open_world(postgres, nats, tmp_path, agreement_round, rules=edited(tmp_path, special)) as world:
        bench, sealed = await world.bench(XUANWU), await world.sealed()
        application = await world.under_review(sealed, bench)
        assert deadline(application, "CONF.DECIDE.SP").due_date == "2026-10-08"
        given = {"name": application.name, "version": application.version, "approval": "院长批准"}
        refused = await world.refusal(bench.judge, "ExtendReview", **given)
        assert (refused.reason, refused.field) == ("DAYS_MISSING", "days")
        extended = (await world.call(bench.judge, "ExtendReview", **given, days=30)).application
        assert deadline(extended, "CONF.DECIDE.SP").due_date == "2026-11-02"
