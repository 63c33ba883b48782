"""``comity up``: serves the embedded suite until Ctrl-C."""

import asyncio
import signal
from pathlib import Path

import click

from services.cli.progress import Narrator
from services.cli.suite import running


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("var/comity"), show_default=True)
def up(folder: Path) -> None:
    """Starts everything over a data folder and serves until Ctrl-C."""
    asyncio.run(_serve(folder.absolute()))


async def _serve(folder: Path) -> None:
    narrator = Narrator()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with running(folder, narrator) as suite:
        for child in suite.status():
            narrator.say(f"  {child.name:12s} pid {child.pid}")
        for name in suite.services:
            narrator.say(f"  {name:12s} {suite.address(name)}")
        narrator.say("Serving. Ctrl-C stops.")
        await stopped.wait()
        narrator.say("Stopping ...")
