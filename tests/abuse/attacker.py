"""One attack as a process of its own, so that it costs the honest caller nothing but what it costs the service.

``python -m tests.abuse.attacker NAME`` with the target as JSON on standard input; it says a line when it is connected and
goes on until it is terminated.
"""

import asyncio
import json
import sys
from contextlib import AsyncExitStack

from tests.abuse.attacks import Target, named


async def _attack(name: str) -> None:
    given = json.load(sys.stdin)
    async with AsyncExitStack() as resources:
        account = tuple((key, value) for key, value in given["account"])
        target = Target(given["addresses"], account, given["house"], resources)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(named(name).attack(target))
            await target.connected.wait()
            print("connected", flush=True)


if __name__ == "__main__":
    asyncio.run(_attack(sys.argv[1]))
