"""``comity verify``: whether a sealed document is whole and vouched for, offline, and every reason when it is not."""

import logging
import sys
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from services.common.kernel.clock import SystemClock
from services.common.kernel.house import HOUSE_ZONE
from services.common.papers import render_paper
from services.common.signing.inspect import inspect
from services.common.signing.outermost import SIZE_LIMIT
from services.common.signing.report import Report
from services.common.signing.trust_settings import Knowledge

_LONGEST = 200


def harmless(text: str) -> str:
    """A text out of a file as a terminal may print it: nothing that moves, colours, hides or turns around.

    A verdict is read on the screen, so what a file says must not be able to write one.
    """
    shown = (each if each.isprintable() else f"\\u{ord(each):04x}" for each in text[:_LONGEST])
    return "".join(shown)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--roots",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help="The root certificates that you trust (PEM); nothing else is trusted.",
)
def verify(file: Path, roots: Path) -> None:
    """Checks a sealed agreement, session record or ruling. Exit code 0: valid; 1: refused, with the reasons."""
    try:
        certificates = x509.load_pem_x509_certificates(roots.read_bytes())
    except ValueError:
        raise click.UsageError(f"{roots} holds no PEM certificates") from None
    knowledge = Knowledge(tuple(each.public_bytes(Encoding.DER) for each in certificates))
    # The library writes a stack for every path it tries; the report says what counts.
    logging.disable(logging.CRITICAL)
    try:
        report = inspect(read_bounded(file), knowledge, SystemClock().now(), render_again=_draw)
    finally:
        logging.disable(logging.NOTSET)
    _say(file, report)
    sys.exit(0 if report.valid else 1)


def read_bounded(file: Path) -> bytes:
    """At most a byte more than is verified: what is longer is refused unread."""
    with file.open("rb") as stream:
        return stream.read(SIZE_LIMIT + 1)


def _draw(terms: bytes) -> bytes:
    return render_paper(terms).content


def _say(file: Path, report: Report) -> None:
    click.echo(f"{harmless(str(file))}: {'VALID' if report.valid else 'REFUSED'}")
    for failure in report.failures:
        where = f" [{harmless(failure.slot)}]" if failure.slot else ""
        click.echo(f"  {failure.reason.value}{where} {harmless(failure.detail)}".rstrip())
    for signature in report.signatures:
        moment = (
            f"{signature.signed_at.astimezone(HOUSE_ZONE):%Y-%m-%d %H:%M:%S %z}" if signature.signed_at else "no time"
        )
        signer = harmless(signature.signer) or "(no name: this signature is not good)"
        click.echo(f"  {harmless(signature.slot):16s} {moment}  {signer}")
    if report.frozen_sha256:
        click.echo(f"  frozen SHA-256 {report.frozen_sha256}")
    for assumption in report.assumptions:
        click.echo(f"  assumed: {assumption}")
