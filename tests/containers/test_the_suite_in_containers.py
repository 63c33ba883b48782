"""One case from filing to ruling through containers only, with containers killed, restarted and cut off in the middle."""

from collections.abc import Iterator

import pytest

from tests.containers.stack import Stack

pytestmark = pytest.mark.timeout(900)
_WORK = "/var/lib/comity/work"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One for all tests here: to start it takes longer than they do."""
    with Stack(tmp_path_factory.mktemp("stack")).running() as running:
        running.claim()
        yield running


def verify(stack: Stack, folder: str) -> None:
    papers = [f"{folder}/{language}/{paper}.pdf" for language in ("zh", "en") for paper in ("agreement", "ruling")]
    checked = [stack.program("verify", paper, "--roots", f"{folder}/roots.pem") for paper in papers]
    assert all("VALID" in stack.finished(each) for each in checked)


def test_a_case_survives_a_killed_service_a_restarted_broker_and_a_cut_network(stack: Stack) -> None:
    folder = f"{_WORK}/rough"
    demo = stack.program("demo", "--folder", folder, "--run", "rough")
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
    stack.finished(demo, within=400)
    verify(stack, folder)
    for name in ("intake-1", "mediation-1"):
        stack.until_healthy(stack.containers[name])


def test_with_two_replicas_of_each_service_one_of_each_may_die(stack: Stack) -> None:
    folder = f"{_WORK}/replicas"
    stack.add_replica(2)
    demo = stack.program("demo", "--folder", folder, "--run", "replicas")
    stack.until_says(demo, "[zh] both sides agree to mediate")
    for name in ("intake", "mediation", "court_link", "notify", "identity"):
        stack.containers[f"{name}-1"].kill()
    stack.finished(demo, within=400)
    verify(stack, folder)
