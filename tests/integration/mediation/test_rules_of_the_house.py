"""What mediation does by the regimes of its house, whatever they call themselves."""

from pathlib import Path

from tests.integration.mediation.running import running
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.rules import edited


async def test_terms_state_responsibilities_where_the_regime_says_so_whatever_it_is_called(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path
) -> None:
    another = {"regimes/peoples.toml": {'id = "PEOPLES"': 'id = "PEOPLES_HERE"'}}
    async with running(postgres, nats, tmp_path, rules=edited(tmp_path, another)) as mediation:
        name = await mediation.forward(regime="PEOPLES_HERE@2024")
        terms = mediation.terms()
        terms.ClearField("responsibilities")
        found = await mediation.call("ValidateTerms", mediation.complainant, case=name, terms=terms)
        assert [each.field for each in found.findings] == ["responsibilities"]


async def test_a_referred_case_runs_under_the_regime_that_the_court_s_side_names(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path
) -> None:
    another = {"regimes/delegated.toml": {'id = "SPECIAL_INVITED_DELEGATED"': 'id = "DELEGATED_HERE"'}}
    async with running(postgres, nats, tmp_path, rules=edited(tmp_path, another)) as mediation:
        name = await mediation.refer(regime="DELEGATED_HERE@2024")
        assert (await mediation.case(name)).regime == "DELEGATED_HERE@2024"
