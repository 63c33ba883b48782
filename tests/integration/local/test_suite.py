"""The whole suite over a data folder, with two stand-in services (`standin/`)."""

import asyncio
import json
import os
import signal
import smtplib
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import asyncpg
import nats
import pytest

from deploy.local import doctor
from deploy.local.doctor import Level
from deploy.local.errors import LocalDeploymentError
from deploy.local.ports import LOOPBACK
from deploy.local.probes import serves
from deploy.local.settings import settle_settings, write_settings
from deploy.local.suite import Suite
from deploy.local.supervisor import State
from tests.kit.eventually import eventually
from tests.kit.postgres import KitPostgres

SERVICES = ("alpha", "beta")
CONSUMES = {"beta": ("alpha",)}


def make_suite(
    folder: Path, services: tuple[str, ...] = SERVICES, prefix: str = "tests.integration.local.standin"
) -> Suite:
    return Suite(folder, services, module_prefix=prefix, consumes=CONSUMES)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Suite]:
    async with make_suite(folder) as suite:
        yield suite


def pid_of(suite: Suite, name: str) -> int:
    pid = next(status.pid for status in suite.status() if status.name == name)
    assert pid is not None
    return pid


async def is_restarted(suite: Suite, name: str, old: int) -> bool:
    status = next(status for status in suite.status() if status.name == name)
    return status.pid not in (old, None) and status.state is State.READY


async def answers(suite: Suite, name: str) -> bool:
    """A busy machine may let one question of two seconds go by."""
    return await eventually(lambda: serves(suite.settings.services[name].port))


async def starts(suite: Suite, service: str) -> int:
    url = suite.service_environment(service)["COMITY_DATABASE_URL"].replace("+asyncpg", "")
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM starts"))
    finally:
        await connection.close()


async def events(suite: Suite, service: str) -> int:
    url = suite.service_environment(service)["COMITY_NATS_URL"]
    client = await nats.connect(url, inbox_prefix=f"_INBOX.{service}", allow_reconnect=False)
    try:
        return int((await client.jetstream().stream_info(service.upper())).state.messages)
    finally:
        await client.close()


async def test_a_suite_comes_up_serves_and_goes_down_without_a_trace_of_processes(data_folder: Path) -> None:
    async with running(data_folder) as suite:
        assert [status.name for status in suite.status()] == ["postgres", "nats", "mail", "alpha", "beta"]
        assert all(status.state is State.READY for status in suite.status())
        assert await answers(suite, "alpha")
        pids = [status.pid for status in suite.status() if status.pid]
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert not list((data_folder / "run").glob("*.pid"))
    assert "stopped cleanly" in (data_folder / "logs" / "alpha.log").read_text()


async def test_data_ports_and_secrets_are_the_same_after_a_restart(data_folder: Path) -> None:
    async with running(data_folder) as suite:
        before = suite.settings
    async with running(data_folder) as suite:
        assert suite.settings == before
        assert await starts(suite, "alpha") == 2
        assert await events(suite, "alpha") == 2


async def test_a_data_folder_is_private_down_to_its_parts(data_folder: Path) -> None:
    async with running(data_folder):
        pass
    for part in ("", "postgres", "nats", "mail", "logs", "run", "objects/alpha", "keys/alpha"):
        assert (data_folder / part).stat().st_mode & 0o777 == 0o700, part
    for file in ("settings.json", "logs/alpha.log", "postgres/superuser-password"):
        assert (data_folder / file).stat().st_mode & 0o777 == 0o600, file


async def test_killed_servers_and_services_come_back_with_their_data(data_folder: Path) -> None:
    async with running(data_folder) as suite:
        for name in ("postgres", "nats", "alpha", "mail"):
            pid = pid_of(suite, name)
            os.kill(pid, signal.SIGKILL)
            await eventually(lambda name=name, pid=pid: is_restarted(suite, name, pid), seconds=60)  # type: ignore[misc]
        assert await starts(suite, "alpha") == 2
        assert await events(suite, "alpha") == 2
        assert await starts(suite, "beta") == 1


async def test_no_secret_is_seen_in_a_command_line(data_folder: Path) -> None:
    async with running(data_folder) as suite:
        lines = [Path(f"/proc/{status.pid}/cmdline") for status in suite.status()]
        if not lines[0].exists():
            pytest.skip("needs /proc")
        seen = b"".join(line.read_bytes() for line in lines).decode()
        entry = suite.settings.services["alpha"]
        for secret in (
            entry.database_password,
            entry.nats_password,
            entry.service_secret,
            suite.settings.operator_password,
        ):
            assert secret not in seen


async def test_two_suites_cannot_share_a_folder(data_folder: Path) -> None:
    async with running(data_folder) as suite:
        with pytest.raises(LocalDeploymentError, match="in use by another Comity"):
            async with running(data_folder):
                pass
        assert await answers(suite, "alpha"), "the first goes on undisturbed"


async def test_a_folder_of_a_newer_format_is_left_untouched(data_folder: Path) -> None:
    data_folder.mkdir()
    (data_folder / "settings.json").write_text('{"format": 999}')
    with pytest.raises(LocalDeploymentError, match="use the newer version"):
        async with running(data_folder):
            pass
    assert [path.name for path in data_folder.iterdir()] == ["settings.json"]


async def test_a_port_taken_meanwhile_is_replaced(data_folder: Path) -> None:
    before = settle_settings_in(data_folder)
    with socket.create_server((LOOPBACK, before)):
        async with running(data_folder) as suite:
            assert suite.settings.services["alpha"].port != before
            assert await answers(suite, "alpha")
            assert suite.service_environment("beta")["COMITY_ALPHA_ADDRESS"] == suite.address("alpha")


def settle_settings_in(folder: Path) -> int:
    folder.mkdir(mode=0o700)
    return settle_settings(folder, SERVICES).services["alpha"].port


async def test_a_service_that_cannot_migrate_stops_the_start_and_everything_started(data_folder: Path) -> None:
    suite = make_suite(data_folder, ("gamma",))
    with pytest.raises(LocalDeploymentError, match="(?s)migration of gamma failed.*No module named"):
        async with suite:
            pass
    assert suite.status() == []
    assert not list((data_folder / "run").glob("*.pid"))
    async with running(data_folder):
        pass


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only Linux tells a child that its parent died")
async def test_servers_and_services_end_with_a_suite_that_is_killed_and_the_folder_works_again(
    data_folder: Path,
) -> None:
    program = f"""
import asyncio
from pathlib import Path
from tests.integration.local.test_suite import make_suite
async def main():
    async with make_suite(Path({str(data_folder)!r})):
        print("up", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(*python(program), stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    assert await asyncio.wait_for(parent.stdout.readline(), 100) == b"up\n"
    pids = [int(file.read_text()) for file in (data_folder / "run").glob("*.pid")]
    assert len(pids) == 5
    parent.kill()
    await parent.communicate()
    async with running(data_folder) as suite:
        assert await starts(suite, "alpha") == 2
    await eventually(lambda: not [pid for pid in pids if is_alive(pid)])


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def is_alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text().replace(")", " ")
    except FileNotFoundError:
        return False


async def test_given_servers_replace_the_embedded_ones(data_folder: Path, postgres: KitPostgres) -> None:
    data_folder.mkdir(mode=0o700)
    settings = settle_settings(data_folder, ("alpha",))
    write_settings(data_folder, replace(settings, postgres_url=postgres.superuser_url, smtp_url="smtp://127.0.0.1:1"))
    async with make_suite(data_folder, ("alpha",)) as suite:
        assert [status.name for status in suite.status()] == ["nats", "alpha"]
        assert await starts(suite, "alpha") == 1
        assert suite.service_environment("alpha")["COMITY_SMTP_URL"] == "smtp://127.0.0.1:1"
    assert not list((data_folder / "postgres").iterdir())


async def test_mail_is_caught_as_files_with_its_envelope(data_folder: Path) -> None:
    async with running(data_folder) as suite:
        address = suite.service_environment("alpha")["COMITY_SMTP_URL"].removeprefix("smtp://")
        host, port = address.split(":")
        await asyncio.to_thread(send, host, int(port), "张三,您好 SAMPLE")
        await asyncio.to_thread(send, host, int(port), "second")
    kept = sorted((data_folder / "mail").glob("*.eml"))
    assert [path.name.rsplit("-", 1)[1] for path in kept] == ["1.eml", "2.eml"]
    first = message_from_bytes(kept[0].read_bytes())
    assert (first["X-Envelope-To"], first["Subject"]) == ("party@comity.example", "SAMPLE")
    payload = first.get_payload(decode=True)
    assert isinstance(payload, bytes) and payload.decode().strip() == "张三,您好 SAMPLE"
    assert kept[0].stat().st_mode & 0o777 == 0o600


def send(host: str, port: int, text: str) -> None:
    head = "From: comity@comity.example\r\nTo: party@comity.example\r\nSubject: SAMPLE\r\n"
    coding = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    with smtplib.SMTP(host, port, local_hostname="localhost") as client:
        client.sendmail("comity@comity.example", ["party@comity.example"], (head + coding + text).encode())


# The doctor.


async def levels(folder: Path) -> dict[str, Level]:
    return {finding.subject: finding.level for finding in await doctor.check(folder)}


async def test_the_doctor_finds_a_running_suite_well(data_folder: Path) -> None:
    subjects = ("python", "privacy", "settings", "suite", "postgres", "nats", "mail", "alpha", "beta")

    async def all_well() -> bool:
        found = await levels(data_folder)
        assert {subject: found[subject] for subject in subjects} == dict.fromkeys(subjects, Level.OK)
        return True

    async with running(data_folder):
        await eventually(all_well)


async def test_the_doctor_names_the_service_that_does_not_serve(data_folder: Path) -> None:
    async with running(data_folder) as suite:

        async def only_beta() -> bool:
            findings = {finding.subject: finding for finding in await doctor.check(data_folder)}
            assert findings["beta"].level is Level.PROBLEM
            assert "beta.log" in findings["beta"].remedy
            assert findings["alpha"].level is Level.OK
            return True

        os.kill(pid_of(suite, "beta"), signal.SIGSTOP)
        try:
            await eventually(only_beta)
        finally:
            os.kill(pid_of(suite, "beta"), signal.SIGCONT)


async def test_the_doctor_reads_a_stopped_folder_and_sees_taken_ports(data_folder: Path) -> None:
    assert (await levels(data_folder))["data folder"] is Level.WARNING
    port = settle_settings_in(data_folder)
    assert (await levels(data_folder))["ports"] is Level.OK
    with socket.create_server((LOOPBACK, port)):
        assert (await levels(data_folder))["ports"] is Level.WARNING


async def test_the_doctor_sees_a_newer_folder_and_an_open_one(data_folder: Path) -> None:
    data_folder.mkdir(mode=0o755)
    (data_folder / "settings.json").write_text(json.dumps({"format": 999}))
    findings = {finding.subject: finding for finding in await doctor.check(data_folder)}
    assert findings["settings"].level is Level.PROBLEM
    assert findings["privacy"].level is Level.WARNING
    assert findings["privacy"].remedy.startswith("chmod go=")
    assert doctor.worst(list(findings.values())) is Level.PROBLEM
