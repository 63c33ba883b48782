"""One case from filing to ruling through containers only, with containers killed, restarted and cut off in the middle."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.stack import Stack

pytestmark = pytest.mark.timeout(300)
_DEMO = "/var/lib/comity/work/demo"


@pytest.fixture
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    with Stack(tmp_path, request.param).running() as running:
        running.claim()
        yield running


def verify(stack: Stack) -> None:
    for language in ("zh", "en"):
        for paper in ("agreement", "ruling"):
            checked = stack.program("verify", f"{_DEMO}/{language}/{paper}.pdf", "--roots", f"{_DEMO}/roots.pem")
            assert "VALID" in stack.finished(checked)


@pytest.mark.parametrize("stack", [1], indirect=True)
def test_a_case_survives_a_killed_service_a_restarted_broker_and_a_cut_network(stack: Stack) -> None:
    demo = stack.program("demo", "--folder", _DEMO, "--run", "rough")
    stack.until_says(demo, "[zh] complaint filed")
    intake = stack.containers["intake-1"]
    intake.kill()
    intake.start()
    stack.until_says(demo, "[zh] joint session held")
    stack.containers["nats"].restart(timeout=5)
    stack.until_says(demo, "[zh] agreement drafted")
    mediation = stack.containers["mediation-1"]
    stack.network.disconnect(mediation, force=True)
    stack.network.connect(mediation, aliases=["mediation"])
    stack.finished(demo, within=200)
    verify(stack)
    for name in ("intake-1", "mediation-1"):
        stack.until_healthy(stack.containers[name])


@pytest.mark.parametrize("stack", [2], indirect=True)
def test_with_two_replicas_of_each_service_one_of_each_may_die(stack: Stack) -> None:
    demo = stack.program("demo", "--folder", _DEMO, "--run", "replicas")
    stack.until_says(demo, "[zh] both sides agree to mediate")
    for name in ("intake", "mediation", "court_link", "notify", "identity"):
        stack.containers[f"{name}-1"].kill()
    stack.finished(demo, within=200)
    verify(stack)
