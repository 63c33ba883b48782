"""``comity calendar``: brings a year's working days into a running suite, and shows what it counts by."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
from comity.common.v1 import operations_service_pb2 as pb

from services.cli.addresses import parse_addresses, read_addresses
from services.cli.mailbox import Mailbox
from services.cli.operator import AskCode, Operator, signed_in
from services.cli.suite import ADDRESSES
from services.common.kernel.errors import DomainError

LARGEST = 65_536
"""Bytes of a calendar file; a year has some three thousand."""
_COUNTING_SECONDS = 120.0
_SECONDS_FOR_MAIL = 30.0


@click.group()
def calendar() -> None:
    """The working days that time limits are counted by."""


def _reaching(command: Callable[..., None]) -> Callable[..., None]:
    """The options by which a command reaches a suite and its administrator."""
    folder = click.Path(path_type=Path)
    for option in (
        click.option(
            "--mail", type=folder, help="Folder of a mail catcher: the code is read there instead of asked for."
        ),
        click.option(
            "--as", "contact", required=True, help="Mail address or telephone of an administrator of the platform."
        ),
        click.option(
            "--address",
            multiple=True,
            envvar="COMITY_ADDRESSES",
            help="NAME=HOST:PORT of each service, instead of --folder.",
        ),
        click.option("--folder", type=folder, default=Path("var/comity"), show_default=True, help="Of `comity up`."),
    ):
        command = option(command)
    return command


@calendar.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_reaching
def load(file: Path, folder: Path, address: tuple[str, ...], contact: str, mail: Path | None) -> None:
    """Takes the calendar FILE of a year over in every service, and counts open time limits again.

    Exit code 1 when a service did not take it: running the command again completes it.
    """
    if file.stat().st_size > LARGEST:
        raise click.ClickException(f"{file} is larger than {LARGEST} bytes: no calendar of a year")
    request = pb.LoadCalendarYearRequest(file_name=file.name[:200], content=file.read_bytes())
    _run(folder, address, contact, mail, partial(load_everywhere, request=request))


@calendar.command(name="list")
@_reaching
def list_years(folder: Path, address: tuple[str, ...], contact: str, mail: Path | None) -> None:
    """Shows the years that each service counts by, and until when days off are known by law alone."""
    _run(folder, address, contact, mail, list_everywhere)


async def load_everywhere(operator: Operator, request: pb.LoadCalendarYearRequest) -> bool:
    """One line for each service; false when one did not take it."""
    return await _everywhere(operator, partial(_loaded, operator, request))


async def list_everywhere(operator: Operator) -> bool:
    """The calendars of each service; false when one did not answer."""
    return await _everywhere(operator, partial(_listed, operator))


async def _everywhere(operator: Operator, ask: Callable[[str], Coroutine[Any, Any, list[str]]]) -> bool:
    complete = True
    for service in operator.rooms:
        try:
            lines = await ask(service)
        except DomainError as refusal:
            complete = False
            lines = [f"NOT DONE: {refusal.reason}", f"  {refusal.zh}", f"  {refusal.en}"]
        for line in lines:
            click.echo(f"{service:12s} {line}")
    return complete


async def _loaded(operator: Operator, request: pb.LoadCalendarYearRequest, service: str) -> list[str]:
    asked = pb.LoadCalendarYearRequest(request_id=str(uuid4()))
    asked.MergeFrom(request)
    done = await operator.call(service, "LoadCalendarYear", asked, _COUNTING_SECONDS)
    what = "already there" if done.already_there else "taken"
    return [
        f"{what}: {done.year.calendar} {done.year.covers_from} to {done.year.covers_until}; time limits moved: "
        f"{done.deadlines_moved}, made certain: {done.deadlines_confirmed}"
    ]


async def _listed(operator: Operator, service: str) -> list[str]:
    found = await operator.call(service, "GetCalendars", pb.GetCalendarsRequest())
    return [line for each in found.calendars for line in _lines(each)]


def _lines(calendar: pb.Calendar) -> list[str]:
    lines = [
        f"{calendar.name} {each.covers_from} to {each.covers_until}  firm    {_whence(each)}" for each in calendar.years
    ]
    if calendar.by_law_until:
        lines.append(
            f"{calendar.name} after that to {calendar.by_law_until}  by law  only the days off that the law names"
        )
    return lines


def _whence(year: pb.CalendarYear) -> str:
    compared = "" if year.compared_with_official_notice else " (not marked as compared with the notice)"
    if not year.loaded_by:
        return f"rules folder: {year.source}{compared}"
    return f"loaded {year.load_time.ToJsonString()} by {year.loaded_by}: {year.source}{compared}"


def _run(
    folder: Path,
    address: tuple[str, ...],
    contact: str,
    mail: Path | None,
    work: Callable[[Operator], Coroutine[Any, Any, bool]],
) -> None:
    addresses = _addresses(folder, address)

    async def run() -> bool:
        async with AsyncExitStack() as resources:
            return await work(await signed_in(addresses, contact, _asking(contact, mail), resources))

    try:
        complete = asyncio.run(run())
    except DomainError as refusal:
        raise click.ClickException(f"{refusal.zh}\n{refusal.en}") from None
    except TimeoutError as late:
        raise click.ClickException(str(late)) from None
    sys.exit(0 if complete else 1)


def _addresses(folder: Path, address: tuple[str, ...]) -> dict[str, str]:
    try:
        return parse_addresses(address) if address else read_addresses(folder / ADDRESSES)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except FileNotFoundError:
        raise click.UsageError(f"no suite was started over {folder}: give --folder or --address") from None


def _asking(contact: str, mail: Path | None) -> AskCode:
    if mail is None:

        async def from_person() -> str:
            return str(await asyncio.to_thread(click.prompt, f"The code that was sent to {contact}", hide_input=True))

        return from_person
    mailbox = Mailbox(mail)
    since = mailbox.mark()

    async def from_folder() -> str:
        return await mailbox.code_for(contact, since, _SECONDS_FOR_MAIL)

    return from_folder
