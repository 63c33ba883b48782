"""``make bench``: every figure beside the floor measured in the same run."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.bench import filing
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres


async def _filing(postgres: KitPostgres, nats: KitNats) -> None:
    await nats.create_streams()
    figures = await filing.measure(postgres, nats)
    for name, figure in figures.items():
        print(f"{name:34s} {figure}")
    ratio = figures["FileMatter, everything on"].rate / figures["bare three-row transaction"].rate
    print(f"FileMatter / three-row floor: {ratio:.2f} (target 0.5)")


def main() -> None:
    """Runs the parts named on the command line, or all."""
    wanted = set(sys.argv[1:]) or {"filing"}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "postgres").mkdir()
        (root / "nats").mkdir()
        if "filing" in wanted:
            with KitPostgres.running(root / "postgres") as postgres, KitNats.running(root / "nats") as nats:
                asyncio.run(_filing(postgres, nats))


if __name__ == "__main__":
    main()
