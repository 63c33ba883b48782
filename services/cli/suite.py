"""The embedded suite as the program uses it: started with its progress shown, and what it wrote down for others."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.local.environment import inherited
from deploy.local.errors import LocalDeploymentError
from deploy.local.suite import SERVICES, Suite
from services.cli.progress import Narrator

_CLAIMED = "already has an administrator"
ADDRESSES = "addresses.json"


@asynccontextmanager
async def running(folder: Path, narrator: Narrator, overrides: Mapping[str, str] | None = None) -> AsyncIterator[Suite]:
    """The suite over a data folder, until the block is left; ``overrides`` are further settings of its services."""
    narrator.say(f"Starting PostgreSQL, NATS and {len(SERVICES)} services over {folder} ...")
    async with Suite(folder, SERVICES, report=lambda line: narrator.say(f"     {line}"), overrides=overrides) as suite:
        addresses = {name: suite.address(name) for name in SERVICES}
        (folder / ADDRESSES).write_text(json.dumps(addresses, indent=1))
        yield suite


async def first_administrator_code(suite: Suite) -> str:
    """The one-time code with which the first administrator claims this installation; empty when it is claimed."""
    environment = inherited(os.environ) | suite.service_environment("identity")
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.identity",
        "first-administrator",
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complaint = await child.communicate()
    if child.returncode != 0:
        if _CLAIMED in complaint.decode():
            return ""
        raise LocalDeploymentError(f"identity gave no code for the first administrator: {complaint.decode()[-300:]}")
    return printed.decode().split()[-1]
