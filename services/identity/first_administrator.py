"""The verb ``first-administrator``: prints a one-time code on the machine itself. There is no default account."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.common.deadlines.rulebook import RuleBook
from services.common.kernel.clock import Clock, SystemClock
from services.common.kernel.errors import DomainError
from services.common.regimes.loader import RegimeBook
from services.common.settings import read_settings
from services.common.storage.database import Database, Engines
from services.common.storage.transaction import SYSTEM, LawBooks
from services.identity.application.first_administrator import offer_first_administrator
from services.identity.main import transaction
from services.identity.messaging.publish import CATALOGUE
from services.identity.settings import Settings
from services.identity.storage.transaction import IdentityTransaction


def print_code() -> None:
    """Prints the code alone, so that a script can read it; exits with a sentence when there is nothing to claim."""
    try:
        code = asyncio.run(new_code(read_settings(Settings), SystemClock()))
    except DomainError as error:
        raise SystemExit(f"{error.zh} {error.en}") from None
    sys.stdout.write(code + "\n")


async def new_code(settings: Settings, clock: Clock) -> str:
    """A code that makes the first administrator, good once within a day. Raises PLATFORM_EXISTS."""
    async with open_database(settings, clock) as database, database.transaction(SYSTEM) as tx:
        return await offer_first_administrator(tx)


@asynccontextmanager
async def open_database(settings: Settings, clock: Clock) -> AsyncIterator[Database[IdentityTransaction]]:
    """The database of identity without the rest of the service."""
    engines = Engines.create(settings.database_url.get_secret_value(), 1)
    rulebook = RuleBook.load(settings.rules)
    books = LawBooks(rulebook, RegimeBook.load(settings.rules, rulebook))
    try:
        yield Database(engines, transaction, CATALOGUE, books, clock)
    finally:
        await engines.dispose()
