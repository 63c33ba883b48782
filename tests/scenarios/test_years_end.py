"""Scenario 30: a limit lands in a year whose calendar nobody has published; it is provisional, and counted again when one is
loaded, everywhere. The notice is 样本 SAMPLE. The window at court: tests/integration/court_link/test_years_end.py."""

import asyncio
import os
import sys
from datetime import date
from email import policy
from email.parser import BytesParser
from pathlib import Path

from comity.intake.v1 import intake_service_pb2 as intake_pb

from deploy.local.ports import LOOPBACK, free_port
from tests.kit.calendar_files import notice
from tests.scenarios.conftest import Town, rows

CLOCKED = {"intake", "mediation", "court_link", "notify"}


async def calendar(town: Town, *arguments: str, **elsewhere: int) -> tuple[int, str]:
    """``comity calendar`` as an operator runs it: its exit code, and what it printed. ``elsewhere``: other ports."""
    ports = {name: application.port for name, application in town.suite.applications.items()} | elsewhere
    reach = [word for name, port in ports.items() for word in ("--address", f"{name}={LOOPBACK}:{port}")]
    reach += ["--as", town.people.administrator.email, "--mail", str(town.suite.folder / "mail")]
    program = [sys.executable, "-m", "services.cli", "calendar", *arguments, *reach]
    child = await asyncio.create_subprocess_exec(
        *program, env=dict(os.environ), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    printed, _ = await child.communicate()
    return child.returncode or 0, printed.decode()


def mails(town: Town, address: str) -> list[str]:
    """The texts of the mails to somebody, in the order they came."""
    found = []
    for path in sorted((town.suite.folder / "mail").glob("[!.]*.eml")):
        message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        body = message.get_body(("plain",))
        if address in str(message["to"]) and body is not None:
            found.append(str(body.get_content()))
    return found


async def test_a_notice_that_is_loaded_moves_the_limit_everywhere_and_who_was_told_is_told(
    town: Town, tmp_path: Path
) -> None:
    town.go_to(date(2026, 12, 28))
    case = town.journey("year's end")
    await case.file()

    async def limit() -> tuple[str, bool]:
        request = intake_pb.GetMatterRequest(name=case.matter)
        (clock,) = (await case.complainant.call(town.suite.services.intake.GetMatter, request)).matter.deadlines
        return clock.due_date, clock.provisional

    assert await limit() == ("2027-01-07", True)
    await town.quiet()
    (received,) = [text for text in mails(town, case.complainant.email) if "2027年1月7日" in text]
    assert "最迟2027年1月7日（星期四，含当日；暂定" in received

    file = tmp_path / "cn-2027.toml"
    file.write_bytes(notice(2027, also_off=[date(2027, 1, 4)], not_off=[date(2027, 1, 1)]))
    code, printed = await calendar(town, "load", str(file))
    assert code == 1 and printed.count("NOT DONE: CALENDAR_FILE_REFUSED") == len(CLOCKED), printed
    assert "cn-2027.toml" in printed and "days_off" in printed and "2027-01-01" in printed
    assert await limit() == ("2027-01-07", True), "nothing of it was taken"

    file.write_bytes(notice(2027, also_off=[date(2027, 1, 4)]))
    code, printed = await calendar(town, "load", str(file), notify=free_port())
    lines = {line.split()[0]: line for line in reversed(printed.splitlines())}
    assert code == 1 and "NOT DONE" in lines["notify"], printed
    assert "taken: cn 2027-01-01 to 2027-12-31; time limits moved: 1, made certain: 0" in lines["intake"]
    code, printed = await calendar(town, "load", str(file))
    assert code == 0, printed
    lines = {line.split()[0]: line for line in printed.splitlines()}
    assert lines.keys() == CLOCKED
    assert "taken" in lines["notify"] and all("already there" in lines[each] for each in CLOCKED - {"notify"})
    assert "moved: 0" in lines["intake"]

    assert await limit() == ("2027-01-08", False)
    await town.quiet()
    (told,) = [text for text in mails(town, case.complainant.email) if "1月8日" in text]
    assert "原来告知：2027年1月7日（星期四）" in told
    assert "现在：最迟2027年1月8日（星期五，含当日）" in told and "暂定" not in told
    url = town.suite.databases["intake"].superuser_url
    logged = await rows(url, "SELECT payload, actor FROM event_log WHERE type = 'matter.deadline_moved'")
    assert any(b"2027-01-07" in row["payload"] and b"2027-01-08" in row["payload"] for row in logged)
    for service in CLOCKED:
        url = town.suite.databases[service].superuser_url
        (row,) = await rows(url, "SELECT actor FROM event_log WHERE type = 'calendar_year.loaded'")
        assert row["actor"].startswith("accounts/")

    code, printed = await calendar(town, "list")
    assert code == 0 and printed.count("cn 2027-01-01 to 2027-12-31  firm    loaded") == len(CLOCKED), printed
    assert printed.count("after that to 2099-12-31  by law") == len(CLOCKED)
