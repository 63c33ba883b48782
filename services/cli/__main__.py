"""The entry point of ``comity``."""

import click

from services.cli.commands.demo import demo
from services.cli.commands.doctor import doctor
from services.cli.commands.import_complaints import import_complaints
from services.cli.commands.init import init
from services.cli.commands.up import up
from services.cli.commands.verify import verify


@click.group()
def main() -> None:
    """Comity: from the first complaint to the court order that makes the settlement enforceable."""


for command in (init, up, demo, import_complaints, verify, doctor):
    main.add_command(command)

if __name__ == "__main__":
    main()
