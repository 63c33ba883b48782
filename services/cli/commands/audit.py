"""``comity audit``: whether the log of every service holds, and whether every row is what its log says."""

import asyncio
import json
import sys
import time
from pathlib import Path

import click

from deploy.local.audit import audit as look


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("var/comity"), show_default=True)
@click.option("--service", "services", multiple=True, help="Only this one; may be given several times.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for machines.")
def audit(folder: Path, services: tuple[str, ...], as_json: bool) -> None:
    """Looks through the logs of a running suite. Exit code 1 when something is not as it was written.

    One line for each finding: service, aggregate, version, what. SECURITY.md says what this can show and what it cannot.
    """
    began = time.perf_counter()
    reports = asyncio.run(look(folder.absolute(), services))
    found = sum(len(report["findings"]) for report in reports)
    if as_json:
        click.echo(json.dumps({"reports": reports, "findings": found}))
    else:
        for report in reports:
            for each in report["findings"]:
                click.echo(
                    f"{report['service']} {each['aggregate']} version {each['version']}: {each['fault']}: {each['what']}"
                )
        for report in reports:
            click.echo(
                f"{report['service']:12s} {report['events']:9d} events  {report['aggregates']:8d} aggregates"
                f"  {report['received']:8d} received  {report['seconds']:6.1f} s  {len(report['findings'])} findings"
            )
        click.echo(f"{found} findings in {time.perf_counter() - began:.1f} s")
    sys.exit(1 if found else 0)
