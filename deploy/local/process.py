"""One child process: started on a tether, waited for by its parent, stopped with grace.

`subprocess.Popen` and polling rather than asyncio's own subprocesses, so that a child is bound to no event loop: the
test kit starts a server in one loop and uses it in many. Start children from the main thread: Linux sends the tether's
signal when the starting *thread* ends.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from deploy.local import tether
from deploy.local.account import Account

_POLL = 0.02
_LOG_LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run. ``environment`` is the whole environment of the child, nothing is inherited.

    ``stop_signal`` asks for a clean stop; ``orphan_signal`` is what the child gets when its parent dies.
    """

    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path("/")
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL


def launch(command: Command) -> "subprocess.Popen[bytes]":
    """Start it, output appended to its log. It leads a process group of its own: Ctrl-C reaches the parent only."""
    run_as = [] if command.account is None else ["--as", f"{command.account.user}:{command.account.group}"]
    bond = ["--parent", str(os.getpid()), "--signal", command.orphan_signal.name.removeprefix("SIG"), *run_as, "--"]
    with _open_log(command.log) as log:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", tether.__file__, *bond, *command.arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(command.environment),
            cwd=command.folder,
            start_new_session=True,
        )


async def exited(process: "subprocess.Popen[bytes]", within: float | None = None) -> bool:
    """Wait until the process has ended and been reaped; False when it still runs after ``within`` seconds."""
    deadline = None if within is None else time.monotonic() + within
    while process.poll() is None:
        if deadline is not None and time.monotonic() > deadline:
            return False
        await asyncio.sleep(_POLL)
    return True


async def stop(process: "subprocess.Popen[bytes]", number: signal.Signals, grace: float) -> None:
    """Ask, wait ``grace`` seconds, then kill the whole process group. Returns when the process is reaped."""
    if process.poll() is None:
        process.send_signal(number)
    if not await exited(process, grace):
        os.killpg(process.pid, signal.SIGKILL)
        await exited(process)


async def retire_orphan(pid_file: Path, marker: str, number: signal.Signals, within: float = 20.0) -> None:
    """End a server that an earlier parent left behind, so that two never share one store.

    Only a process whose command line holds ``marker`` is touched: a process id alone may have been reused.
    """
    pid = read_pid(pid_file)
    if pid is None or marker not in command_line(pid):
        return
    os.kill(pid, number)
    deadline = time.monotonic() + within
    while marker in command_line(pid):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            deadline = time.monotonic() + within
        await asyncio.sleep(_POLL)


def read_pid(pid_file: Path) -> int | None:
    """The number on the first line, or None when there is no such file or number."""
    try:
        return int(pid_file.read_text(encoding="ascii").split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def command_line(pid: int) -> str:
    """The arguments of a living process joined by blanks; empty when there is none (a zombie has none either)."""
    if sys.platform.startswith("linux"):
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    found = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout


def log_tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, for an error message."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8192))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def _open_log(log: Path) -> BinaryIO:
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
