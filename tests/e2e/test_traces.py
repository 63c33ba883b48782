"""One filing, traced through all services as they are deployed: processes that send to one collector."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from services.cli import visit
from services.cli.journey import Journey
from services.cli.progress import Narrator
from services.cli.sample_cases import CHINESE
from tests.kit.collector import CollectedSpan, Collector, collecting
from tests.kit.eventually import eventually

_RECEIVED = "comity.intake.v1.matter.received"


async def test_a_filing_is_one_trace_from_the_call_to_what_other_services_do_about_it(tmp_path: Path) -> None:
    word = f"Zeuge{uuid4().hex[:12]}"
    complainant = replace(CHINESE.complainant, display_name=f"{word}（样本 SAMPLE）", mail=word.lower())
    case = replace(CHINESE, complainant=complainant, facts=f"{CHINESE.facts} {word}")
    async with collecting() as collector:
        told = {"COMITY_TRACES_ENDPOINT": collector.endpoint}
        async with visit.embedded(tmp_path, Narrator(quiet=True), told) as visited:
            await Journey(visited, case, Narrator(quiet=True), "traced").file()
            call = await collector.one("comity.intake.v1.IntakeService/FileMatter")
            published = await _child(collector, call, f"publish {_RECEIVED}", "intake")
            reaction = await _child(collector, published, f"process {_RECEIVED}", "notify")
            await _child(collector, reaction, "comity.intake.v1.IntakeService/ReadContactDossier", "intake")
            mailed = await eventually(lambda: _mails(collector, call.trace))
        # Left cleanly: every service has been asked to stop and has sent what it had.
        assert {"identity", "intake", "notify"} <= {span.service for span in collector.spans}
    assert call.parent == ""
    assert not [span for span in collector.spans if "grpc.health" in span.name]
    assert all(span.trace == call.trace for span in (published, reaction, *mailed))
    assert word.encode().lower() not in collector.received.lower()


async def _child(collector: Collector, parent: CollectedSpan, name: str, service: str) -> CollectedSpan:
    def there() -> list[CollectedSpan]:
        return [each for each in collector.children(parent) if (each.name, each.service) == (name, service)]

    return (await eventually(there))[0]


def _mails(collector: Collector, trace: str) -> list[CollectedSpan]:
    """The jobs of notify in this trace."""
    return [span for span in collector.spans if span.trace == trace and span.name.startswith("job ")]
