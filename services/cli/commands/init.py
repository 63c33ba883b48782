"""``comity init``: makes an installation ready: its first administrator, and on request a sample house."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import click

from services.cli import house as houses
from services.cli.addresses import connect, parse_addresses
from services.cli.mailbox import Mailbox
from services.cli.progress import Narrator
from services.cli.suite import first_administrator_code, running
from services.cli.visit import HOUSE


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("var/comity"), show_default=True)
@click.option("--sample", is_flag=True, help="Also sets up a made-up committee, court and their people (样本 SAMPLE).")
@click.option(
    "--address",
    multiple=True,
    envvar="COMITY_ADDRESSES",
    help="NAME=HOST:PORT of each service of a suite that already runs.",
)
@click.option("--code", default="", help="The one-time code that identity of that suite printed; none once claimed.")
@click.option("--mail", type=click.Path(path_type=Path), envvar="COMITY_MAIL", help="Its mail catcher's folder.")
def init(folder: Path, sample: bool, address: tuple[str, ...], code: str, mail: Path | None) -> None:
    """Makes the data folder, and prints the one-time code of the first administrator.

    There is no default account: whoever holds the code claims the installation, once. With --address --sample the
    sample house is set up in a suite that already runs.
    """
    if not address:
        asyncio.run(_init(folder.absolute(), sample))
    elif not sample or mail is None:
        raise click.UsageError("--address needs --sample and --mail as well; the code is identity's to print")
    else:
        asyncio.run(_init_elsewhere(parse_addresses(address), code, mail, folder.absolute()))


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


async def _init_elsewhere(addresses: dict[str, str], code: str, mail: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as resources:
        services = await connect(addresses, resources)
        people = houses.staff(services, Mailbox(mail), "house")
        houses.save(await houses.set_up(people, code), folder / HOUSE)
    Narrator().say(f"Sample house set up; its names are in {folder / HOUSE}")
