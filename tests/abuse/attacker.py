"""One attack as a process of its own, so that it costs the honest caller nothing but what it costs the machine.

``python -m tests.abuse.attacker NAME`` with the target as JSON on standard input. It says a line when it is connected, goes
on until it is terminated, or for ``LONGEST_SECONDS``, and says what was answered.
"""

import asyncio
import contextlib
import json
import signal
import sys
from contextlib import AsyncExitStack

from tests.abuse.attacks import Target, named

LONGEST_SECONDS = 120.0


async def _attack(name: str) -> None:
    given = json.load(sys.stdin)
    async with AsyncExitStack() as resources:
        account = tuple((key, value) for key, value in given.pop("account"))
        target = Target(account=account, resources=resources, **given)
        attacking = asyncio.create_task(named(name).attack(target))
        connecting = asyncio.create_task(target.connected.wait())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, attacking.cancel)
        await asyncio.wait([attacking, connecting], return_when=asyncio.FIRST_COMPLETED)
        if connecting.done():
            print("connected", flush=True)
        with contextlib.suppress(asyncio.CancelledError, TimeoutError):
            await asyncio.wait_for(attacking, LONGEST_SECONDS)
        print(json.dumps(target.answers), flush=True)


if __name__ == "__main__":
    asyncio.run(_attack(sys.argv[1]))
