"""The supervisor with real child processes."""

import asyncio
import os
import signal
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from deploy.local import process
from deploy.local.errors import LocalDeploymentError
from deploy.local.process import Command, command_line
from deploy.local.supervisor import Child, Pauses, State, Supervisor
from tests.kit.eventually import eventually

FOREVER = "import signal; signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
QUICK = Pauses(first=0.02, longest=0.16, healthy=30.0)


def command(folder: Path, name: str, code: str) -> Command:
    return Command(arguments=[sys.executable, "-c", code], log=folder / f"{name}.log", environment=dict(os.environ))


async def always() -> bool:
    return True


async def never() -> bool:
    return False


def child(folder: Path, name: str, code: str = FOREVER) -> Child:
    return Child(name=name, command=command(folder, name, code), ready=always)


@pytest.fixture
async def supervisor(tmp_path: Path, reports: list[str]) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "run", reports.append, pauses=QUICK, grace=5)
    yield supervisor
    await supervisor.stop()


def pid_of(supervisor: Supervisor, name: str) -> int | None:
    return next(status.pid for status in supervisor.status() if status.name == name)


def is_gone(pid: int) -> bool:
    """A process whose parent has not looked yet is dead all the same. Its state tells, and not whether it has arguments:
    a living process has none for the moment in which it becomes another program."""
    try:
        os.kill(pid, 0)
        if not sys.platform.startswith("linux"):
            return not command_line(pid)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] in "ZX"
    except (ProcessLookupError, FileNotFoundError):
        return True


async def test_a_killed_child_is_started_again(supervisor: Supervisor, tmp_path: Path, reports: list[str]) -> None:
    await supervisor.start(child(tmp_path, "one"))
    first = pid_of(supervisor, "one")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    second = await eventually(lambda: (pid := pid_of(supervisor, "one")) != first and pid)
    assert await eventually(lambda: supervisor.status()[0].state is State.READY)
    assert supervisor.status()[0].restarts == 1
    assert (tmp_path / "run" / "one.pid").read_text() == f"{second}\n"
    assert any("one: ended with signal 9" in line for line in reports)


async def test_pauses_double_up_to_a_limit() -> None:
    pauses, seen, pause = Pauses(), [], 0.0
    for _ in range(8):
        pause = pauses.after(pause)
        seen.append(pause)
    assert seen == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


async def test_a_child_that_keeps_dying_is_restarted_with_growing_pauses(
    supervisor: Supervisor, tmp_path: Path, reports: list[str]
) -> None:
    code = f"open({str(tmp_path / 'starts')!r}, 'a').write('.'); print('why I died')"
    dying = Child(name="one", command=command(tmp_path, "one", code), ready=never)
    with pytest.raises(LocalDeploymentError, match="(?s)ended 5 times before it was ready.*why I died"):
        await supervisor.start(dying)
    again = [line.removeprefix("one: starting again in ") for line in reports if "starting again" in line]
    assert again == ["0.02 s", "0.04 s", "0.08 s", "0.16 s"]
    assert (tmp_path / "starts").read_text() == "....."


@pytest.mark.parametrize(("healthy", "second_pause"), [(0.0, "0.02 s"), (30.0, "0.04 s")])
async def test_pauses_begin_anew_only_after_a_healthy_while(
    tmp_path: Path, reports: list[str], healthy: float, second_pause: str
) -> None:
    supervisor = Supervisor(tmp_path / "run", reports.append, pauses=Pauses(first=0.02, longest=10, healthy=healthy))
    await supervisor.start(child(tmp_path, "one"))
    for restarts in (1, 2):
        pid = pid_of(supervisor, "one")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await eventually(partial(is_up_again, supervisor, restarts))
    await supervisor.stop()
    pauses = [line.removeprefix("one: starting again in ") for line in reports if "starting again" in line]
    assert pauses == ["0.02 s", second_pause]


def is_up_again(supervisor: Supervisor, restarts: int) -> bool:
    status = supervisor.status()[0]
    return status.restarts == restarts and status.state is State.READY


async def test_a_child_that_does_not_come_up_is_stopped_and_its_log_shown(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    # A shell: within these seconds a Python may not even have begun on a busy machine.
    words = ["/bin/sh", "-c", "echo my last words $$; exec sleep 3600"]
    running = Command(arguments=words, log=tmp_path / "mute.log", environment=dict(os.environ))
    with pytest.raises(LocalDeploymentError, match="my last words"):
        await supervisor.start(Child(name="mute", command=running, ready=never), within=4)
    pid = int((tmp_path / "mute.log").read_text().split()[-1])
    assert is_gone(pid)
    assert supervisor.status() == []


async def test_children_stop_in_reverse_order_one_after_the_other(tmp_path: Path, reports: list[str]) -> None:
    supervisor = Supervisor(tmp_path / "run", reports.append)
    order = tmp_path / "order"
    code = textwrap.dedent(f"""
        import os, signal, sys, time
        def leave(number, frame):
            with open({str(order)!r}, 'a') as file: file.write(sys.argv[1] + ' asked\\n')
            time.sleep(0.1)
            with open({str(order)!r}, 'a') as file: file.write(sys.argv[1] + ' gone\\n')
            sys.exit(0)
        signal.signal(signal.SIGTERM, leave)
        open(sys.argv[2], 'w').close()
        while True: signal.pause()
    """)
    for name in ("first", "second", "third"):
        up = tmp_path / f"{name}.up"

        async def is_up(up: Path = up) -> bool:
            return up.exists()

        arguments = [sys.executable, "-c", code, name, str(up)]
        log = tmp_path / "log"
        running = Command(arguments=arguments, log=log, environment=dict(os.environ))
        await supervisor.start(Child(name=name, command=running, ready=is_up))
    await supervisor.stop()
    expected = [f"{name} {what}" for name in ("third", "second", "first") for what in ("asked", "gone")]
    assert order.read_text().splitlines() == expected
    assert list((tmp_path / "run").iterdir()) == [], "no pid file is left"


async def test_a_child_deaf_to_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "run", grace=0.3)
    await supervisor.start(child(tmp_path, "deaf", STUBBORN))
    await eventually(lambda: "deaf" in (tmp_path / "deaf.log").read_text())
    pid = pid_of(supervisor, "deaf")
    assert pid is not None
    began = time.monotonic()
    await supervisor.stop()
    assert is_gone(pid)
    assert 0.3 <= time.monotonic() - began < 15, "not the grace of 20 s that it has by itself"


async def test_a_child_that_stays_unready_is_restarted_when_that_helps(supervisor: Supervisor, tmp_path: Path) -> None:
    healthy = True

    async def health() -> bool:
        return healthy

    running = command(tmp_path, "wedged", FOREVER)
    await supervisor.start(Child(name="wedged", command=running, ready=health, restart_after_unready=0.2))
    first = pid_of(supervisor, "wedged")
    healthy = False
    await eventually(lambda: pid_of(supervisor, "wedged") not in (first, None))


async def test_a_probe_that_fails_by_itself_does_not_end_the_watch(supervisor: Supervisor, tmp_path: Path) -> None:
    defects = [RuntimeError("a defect in the probe")]

    async def probe() -> bool:
        if defects:
            raise defects.pop()
        return True

    await supervisor.start(Child(name="one", command=command(tmp_path, "one", FOREVER), ready=probe))


async def test_a_program_that_does_not_exist_is_said(supervisor: Supervisor, tmp_path: Path) -> None:
    missing = Command(arguments=["/no/such/program"], log=tmp_path / "log")
    with pytest.raises(LocalDeploymentError, match="cannot run /no/such/program: No such file"):
        await supervisor.start(Child(name="none", command=missing, ready=never))


async def test_a_child_inherits_nothing_but_what_it_is_given(tmp_path: Path) -> None:
    code = "import os; print(sorted(name for name in os.environ if name != 'LC_CTYPE'))"
    running = Command(arguments=[sys.executable, "-c", code], log=tmp_path / "log", environment={"ONLY": "this"})
    await process.exited(process.launch(running))
    assert (tmp_path / "log").read_text() == "['ONLY']\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a child that its parent died")
@pytest.mark.parametrize("code", [FOREVER, STUBBORN])
async def test_children_die_with_a_supervisor_that_is_killed(tmp_path: Path, code: str) -> None:
    program = textwrap.dedent(f"""
        import asyncio, sys
        from pathlib import Path
        from deploy.local.supervisor import Supervisor
        from tests.integration.local.test_supervisor import child
        async def main():
            supervisor = Supervisor(Path({str(tmp_path / "run")!r}))
            await supervisor.start(child(Path({str(tmp_path)!r}), "one", {code!r}))
            await supervisor.start(child(Path({str(tmp_path)!r}), "two", {code!r}))
            await asyncio.Event().wait()
        asyncio.run(main())
    """)
    parent = process.launch(command(tmp_path, "parent", program))
    try:
        pids = await children(tmp_path)
        assert not any(is_gone(pid) for pid in pids)
    finally:
        parent.kill()
        await process.exited(parent)
    await eventually(lambda: all(is_gone(pid) for pid in pids))


async def children(tmp_path: Path) -> list[int]:
    """The processes of the supervisor that the test runs as a program, as soon as both have begun."""
    files = [tmp_path / "run" / f"{name}.pid" for name in ("one", "two")]
    await eventually(lambda: all(file.exists() for file in files), 60)
    return [int(file.read_text()) for file in files]


async def test_two_children_of_one_name_are_a_mistake(supervisor: Supervisor, tmp_path: Path) -> None:
    await supervisor.start(child(tmp_path, "one"))
    with pytest.raises(ValueError, match="already supervised"):
        await supervisor.start(child(tmp_path, "one"))


async def test_stopping_at_the_moment_of_an_answer_is_not_forgotten(supervisor: Supervisor, tmp_path: Path) -> None:
    stopping: list[asyncio.Task[None]] = []

    async def ready_when_told_to_stop() -> bool:
        if supervisor.status()[0].state is State.READY:
            stopping.append(asyncio.create_task(supervisor.stop()))
        return True

    one = child(tmp_path, "one")
    await supervisor.start(Child(name=one.name, command=one.command, ready=ready_when_told_to_stop))
    await eventually(lambda: stopping)
    await asyncio.wait_for(stopping[0], 30)
    assert supervisor.status() == []


async def test_stopping_while_a_child_pauses_ends_at_once(supervisor: Supervisor, tmp_path: Path) -> None:
    slow = Supervisor(tmp_path / "slow", pauses=Pauses(first=60, longest=60))
    await slow.start(child(tmp_path, "one"))
    pid = pid_of(slow, "one")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: slow.status()[0].state is State.PAUSING)
    await asyncio.wait_for(slow.stop(), 30)
