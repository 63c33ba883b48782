"""``python -m deploy.containers.set_up FILE``: the operator's one-shot, which makes roles, databases, streams and consumers.

Safe to repeat. Services may make none of these themselves. It waits for both servers, and says which one does not answer.
"""

import asyncio
import json
import ssl
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import nats.errors
from nats.js.errors import ServiceUnavailableError

from deploy.local.databases import create_database
from deploy.local.environment import address_of
from deploy.local.nats_permissions import CONSUMES
from deploy.local.streams import create_streams

WITHIN_SECONDS = 120.0
_PAUSE_SECONDS = 0.5
_NOT_YET = (OSError, TimeoutError, asyncpg.CannotConnectNowError, nats.errors.NoServersError)


async def set_up(file: Path, within: float = WITHIN_SECONDS) -> None:
    """Everything the operator makes before a service starts. Servers may take ``within`` seconds to come up."""
    given = json.loads(file.read_text(encoding="utf-8"))
    postgres_url, nats_url, databases = given["postgres_url"], given["nats_url"], given["databases"]
    ca_file = Path(given["nats_ca_file"]) if given.get("nats_ca_file") else None
    await _reachable(address_of(nats_url, 4222), "NATS", within)

    async def make_databases() -> None:
        if not urlsplit(postgres_url).username:
            print("postgres_url names no user: roles and databases are made by hand (comity operator-setup postgres)")
            return
        for name, passwords in databases.items():
            await create_database(postgres_url, name, passwords["owner"], passwords["runtime"])

    await _patiently(make_databases, f"PostgreSQL at {address_of(postgres_url, 5432)}", within)
    await _patiently(
        lambda: create_streams(nats_url, tuple(databases), CONSUMES, ca_file),
        f"NATS at {address_of(nats_url, 4222)}",
        within,
    )


async def _reachable(address: str, what: str, within: float) -> None:
    """nats-py logs a traceback for every refused connect, so the port is asked first."""
    host, port = address.rsplit(":", 1)

    async def knock() -> None:
        _, writer = await asyncio.open_connection(host, int(port))
        writer.close()

    await _patiently(knock, f"{what} at {address}", within)


async def _patiently(act: Callable[[], Awaitable[None]], what: str, within: float) -> None:
    """Repeat while the server is not there yet. Ends the program with one line on a refusal or when time is up."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while True:
        try:
            return await act()
        except asyncpg.InvalidAuthorizationSpecificationError:
            raise SystemExit(_refused(what)) from None
        except ssl.SSLCertVerificationError as error:
            raise SystemExit(f"{what} is not who it should be ({error.verify_message}): see *_ca_file") from None
        except (nats.errors.NoRespondersError, ServiceUnavailableError):
            raise SystemExit(f"{what} has no JetStream: start it with JetStream and a store") from None
        except _NOT_YET as error:
            if loop.time() > end:
                raise SystemExit(
                    f"{what} does not answer ({type(error).__name__}): start it, or correct suite.json"
                ) from None
        except nats.errors.Error as error:
            # nats-py tells a refusal by its text alone.
            raise SystemExit(_refused(what) if "authorization" in str(error).lower() else f"{what}: {error}") from None
        await asyncio.sleep(_PAUSE_SECONDS)


def _refused(what: str) -> str:
    return f"{what} refuses the operator: the secrets belong to other volumes or servers"


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m deploy.containers.set_up FILE")
    asyncio.run(set_up(Path(sys.argv[1])))
    print("roles, databases, streams and consumers are there")


if __name__ == "__main__":
    main()
