"""``comity operator-setup``: what PostgreSQL and NATS servers of one's own must be told."""

import os
from pathlib import Path

import click

from deploy.containers.suite_file import SuiteFile, settle
from deploy.local import operator_setup as setup
from deploy.local.errors import LocalDeploymentError
from deploy.local.private_files import private_folder
from deploy.local.settings import FILE_NAME, SuiteSettings, read_settings
from deploy.local.suite import SERVICES

_CONTAINERS = Path(os.environ.get("COMITY_SECRETS_FOLDER", "var/compose/secrets"))


@click.command("operator-setup")
@click.argument("server", type=click.Choice(["postgres", "nats"]))
@click.option(
    "--secrets",
    type=click.Path(path_type=Path),
    default=_CONTAINERS,
    show_default=True,
    help="Folder of secrets of a deployment in containers; made when there is none.",
)
@click.option("--folder", type=click.Path(path_type=Path), help="Data folder of `comity up`, instead of --secrets.")
def operator_setup(server: str, secrets: Path, folder: Path | None) -> None:
    """Prints SQL for psql, or a file for nats-server.conf to include: every user, and what it may do."""
    known = _known(folder.absolute()) if folder else _settled(secrets.absolute())
    if server == "postgres":
        click.echo(setup.for_postgres(known.services), nl=False)
    else:
        click.echo(setup.for_nats(known.services, known.operator_password), nl=False)


def _known(folder: Path) -> SuiteSettings:
    settings = read_settings(folder)
    if settings is None:
        raise LocalDeploymentError(f"{folder} holds no {FILE_NAME}: start `comity up --folder` once")
    return settings


def _settled(folder: Path) -> SuiteFile:
    private_folder(folder)
    return settle(folder, SERVICES)
