"""``comity verify``: whether a sealed document is whole and vouched for, offline, and every reason when it is not."""

import logging
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from services.common.kernel.clock import SystemClock
from services.common.signing.inspect import inspect
from services.common.signing.report import Report
from services.common.signing.trust_settings import Knowledge

_ZONE = ZoneInfo("Asia/Shanghai")


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
    # The library writes a stack for every path it tries three years ahead; the report says what counts.
    logging.disable(logging.CRITICAL)
    knowledge = Knowledge(tuple(each.public_bytes(Encoding.DER) for each in certificates))
    report = inspect(file.read_bytes(), knowledge, SystemClock().now())
    _say(file, report)
    sys.exit(0 if report.valid else 1)


def _say(file: Path, report: Report) -> None:
    click.echo(f"{file}: {'VALID' if report.valid else 'REFUSED'}")
    for failure in report.failures:
        where = f" [{failure.slot}]" if failure.slot else ""
        click.echo(f"  {failure.reason.value}{where} {failure.detail}".rstrip())
    for signature in report.signatures:
        moment = f"{signature.signed_at.astimezone(_ZONE):%Y-%m-%d %H:%M:%S %z}" if signature.signed_at else "no time"
        click.echo(f"  {signature.slot:16s} {moment}  {signature.signer}")
    if report.frozen_sha256:
        click.echo(f"  frozen SHA-256 {report.frozen_sha256}")
    for assumption in report.assumptions:
        click.echo(f"  assumed: {assumption}")
