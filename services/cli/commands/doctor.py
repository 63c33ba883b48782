"""``comity doctor``: says what is wrong with an installation, and what to do."""

import asyncio
import sys
from pathlib import Path

import click

from deploy.local import doctor as checks


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("var/comity"), show_default=True)
def doctor(folder: Path) -> None:
    """Checks Python, disk, ports, servers, services and the format of a data folder."""
    findings = asyncio.run(checks.check(folder.absolute()))
    for finding in findings:
        remedy = f" -> {finding.remedy}" if finding.remedy else ""
        click.echo(f"{finding.level.value:8s} {finding.subject}: {finding.message}{remedy}")
    sys.exit(1 if checks.worst(findings) is checks.Level.PROBLEM else 0)
