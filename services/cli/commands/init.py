"""``comity init``: makes an installation ready: its first administrator, and on request a sample house."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import click

from services.cli import house as houses
from services.cli.addresses import connect
from services.cli.mailbox import Mailbox
from services.cli.progress import Narrator
from services.cli.suite import first_administrator_code, running
from services.cli.visit import HOUSE


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("var/comity"), show_default=True)
@click.option("--sample", is_flag=True, help="Also sets up a made-up committee, court and their people (样本 SAMPLE).")
def init(folder: Path, sample: bool) -> None:
    """Makes the data folder, and prints the one-time code of the first administrator.

    There is no default account: whoever holds the code claims the installation, once.
    """
    asyncio.run(_init(folder.absolute(), sample))


async def _init(folder: Path, sample: bool) -> None:
    narrator = Narrator()
    async with AsyncExitStack() as resources:
        suite = await resources.enter_async_context(running(folder, narrator))
        code = await first_administrator_code(suite)
        if not sample:
            narrator.say(f"One-time code of the first administrator (valid for a day, once): {code}")
            return
        services = await connect(json.loads((folder / "addresses.json").read_text()), resources)
        people = houses.staff(services, Mailbox(folder / "mail"), "house")
        houses.save(await houses.set_up(people, code), folder / HOUSE)
        narrator.say(f"Sample house set up; its names are in {folder / HOUSE}")
