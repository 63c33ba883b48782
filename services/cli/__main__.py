"""The entry point of ``comity``."""

from typing import Any

import click

from deploy.local.errors import LocalDeploymentError
from services.cli.commands.audit import audit
from services.cli.commands.calendar import calendar
from services.cli.commands.demo import demo
from services.cli.commands.doctor import doctor
from services.cli.commands.import_complaints import import_complaints
from services.cli.commands.init import init
from services.cli.commands.operator_setup import operator_setup
from services.cli.commands.papers import papers
from services.cli.commands.up import up
from services.cli.commands.verify import verify


class Program(click.Group):
    """Says in one line what a person has to do; a stack is for faults of ours."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LocalDeploymentError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Program)
def main() -> None:
    """Comity: from the first complaint to the court order that makes the settlement enforceable."""


for command in (init, up, demo, import_complaints, verify, audit, calendar, papers, doctor, operator_setup):
    main.add_command(command)

if __name__ == "__main__":
    main()
