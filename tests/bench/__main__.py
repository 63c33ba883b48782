"""``make bench``: every figure beside the floor measured in the same run."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.bench import auditing, filing, lifecycles
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres

LIFECYCLE_SECONDS = 60.0
AUDITED_EVENTS = 1_000_000


async def _filing(postgres: KitPostgres, nats: KitNats) -> None:
    await nats.create_streams()
    figures = await filing.measure(postgres, nats)
    for name, figure in figures.items():
        print(f"{name:34s} {figure}")
    ratio = figures["FileMatter, everything on"].rate / figures["bare three-row transaction"].rate
    print(f"FileMatter / three-row floor: {ratio:.2f} (target 0.5)")


def _lifecycles(folder: Path) -> None:
    outcome = asyncio.run(lifecycles.measure(folder, LIFECYCLE_SECONDS))
    print(f"whole lifecycles: {outcome.rate:.2f}/s over {LIFECYCLE_SECONDS:.0f} s ({outcome.count} cases; target 3/s)")
    print(
        f"  one took p50 {outcome.p50_seconds:.2f} s, p99 {outcome.p99_seconds:.2f} s; unpublished: {outcome.unpublished}"
    )
    for load, latencies in (("idle", outcome.idle), ("half load", outcome.half), ("full load", outcome.loaded)):
        print(f"  an event to the next service, {load:9s}: {latencies}")
    for name, used in sorted(outcome.cpu_seconds.items()):
        print(f"  {name:12s} {used / max(outcome.count, 1) * 1000:7.0f} ms of processor a case")
    print(f"  together     {sum(outcome.cpu_seconds.values()) / max(outcome.count, 1) * 1000:7.0f} ms")
    for name, weight in sorted(outcome.at_rest.items()):
        print(f"  {name:12s} {weight:7.1f} MiB at rest   {outcome.after.get(name, 0.0):7.1f} MiB after the load")
    print(f"  together     {sum(outcome.at_rest.values()):7.1f} MiB at rest   {sum(outcome.after.values()):7.1f} MiB")
    print(f"FileMatter with the whole suite running: {outcome.filing}")


def _audit(postgres: KitPostgres) -> None:
    outcome = asyncio.run(auditing.measure(postgres, AUDITED_EVENTS))
    print(
        f"audit of {outcome.events} events: {outcome.seconds:.0f} s (target 300), {outcome.processor:.0f} s of processor, "
        f"{outcome.peak:.0f} MiB, {outcome.findings} findings"
    )


def main() -> None:
    """Runs the parts named on the command line, or all but ``audit``, which takes minutes to prepare."""
    wanted = set(sys.argv[1:]) or {"filing", "lifecycles"}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "postgres").mkdir()
        (root / "nats").mkdir()
        if "filing" in wanted:
            with KitPostgres.running(root / "postgres") as postgres, KitNats.running(root / "nats") as nats:
                asyncio.run(_filing(postgres, nats))
        if "audit" in wanted:
            with KitPostgres.running(root / "postgres") as postgres:
                _audit(postgres)
        if "lifecycles" in wanted:
            _lifecycles(root / "suite")


if __name__ == "__main__":
    main()
