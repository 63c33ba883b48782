"""A suite with a sample house in it, ready to be used: the embedded one, or one that already runs."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.suite import Suite
from services.cli import house as houses
from services.cli.addresses import Services, connect
from services.cli.house import House, Staff
from services.cli.journal import Journal
from services.cli.mailbox import Mailbox
from services.cli.progress import Narrator
from services.cli.suite import ADDRESSES, first_administrator_code, running

HOUSE = "house.json"
SESSIONS = "sessions.json"
JOURNAL = "requests.sqlite"


@dataclass(frozen=True, slots=True)
class Visit:
    """What a journey needs."""

    services: Services
    mailbox: Mailbox
    people: Staff
    house: House
    journal: Journal = field(default_factory=Journal)
    suite: Suite | None = None
    """The embedded suite, when it is one."""


@asynccontextmanager
async def embedded(data: Path, narrator: Narrator, overrides: Mapping[str, str] | None = None) -> AsyncIterator[Visit]:
    """The embedded suite over a data folder, with the sample house set up at the first time."""
    async with AsyncExitStack() as resources:
        suite = await resources.enter_async_context(running(data, narrator, overrides))
        services = await connect(json.loads((data / ADDRESSES).read_text()), resources)
        mailbox = Mailbox(data / "mail")
        journal = _journal(data / JOURNAL, resources)
        people = houses.staff(services, mailbox, "house", journal=journal)
        if not (data / HOUSE).exists():
            with narrator.step("--", "first administrator, a committee, a court and their people set up"):
                houses.save(await houses.set_up(people, await first_administrator_code(suite)), data / HOUSE)
        async with _signed_in(people, data / SESSIONS):
            yield Visit(services, mailbox, people, houses.load(data / HOUSE), journal, suite)


@asynccontextmanager
async def running_elsewhere(addresses: dict[str, str], house: Path, mail: Path) -> AsyncIterator[Visit]:
    """A suite that already runs, whose house ``comity init --sample`` set up."""
    async with AsyncExitStack() as resources:
        services = await connect(addresses, resources)
        mailbox = Mailbox(mail)
        journal = _journal(house.with_name(JOURNAL), resources)
        people = houses.staff(services, mailbox, "house", journal=journal)
        async with _signed_in(people, house.with_name(SESSIONS)):
            yield Visit(services, mailbox, people, houses.load(house), journal)


def _journal(file: Path, resources: AsyncExitStack) -> Journal:
    journal = Journal(file)
    resources.callback(journal.close)
    return journal


@asynccontextmanager
async def _signed_in(people: Staff, file: Path) -> AsyncIterator[None]:
    """Codes are limited by the hour, so a run goes on under the sign-ins of the last one while they hold."""
    houses.resume_sessions(people, file)
    await houses.sign_in(people)
    houses.save_sessions(people, file)  # now as well: a program that is killed has no later
    try:
        yield
    finally:
        houses.save_sessions(people, file)
