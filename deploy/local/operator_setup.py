"""What servers of one's own must know: roles and databases as SQL, users and permissions as NATS configuration. Pure.

It is made of the same parts that set up the embedded servers and those in containers.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Protocol

from deploy.local.databases import RolePasswords, operator_script
from deploy.local.nats import MAX_PAYLOAD, authorization
from deploy.local.nats_permissions import CONSUMES, EVERYTHING, OPERATOR, NatsUser, service_users

_POSTGRES = """\
-- PostgreSQL 15 or newer, as a superuser: psql --file=FILE. Safe to repeat. It holds verifiers, no passwords.
-- Every service has a role that owns its database and runs migrations, and one that serves and owns nothing.
-- Roles and databases of these names that are there already are taken over, and nobody but superusers may connect to
-- postgres and template1 any more: a role of yours that must needs a GRANT CONNECT of its own.
"""
_NATS = """\
# For nats-server 2.10 or newer; it holds passwords. The rest of the server's configuration is yours, and must have
#   jetstream {{ store_dir: "/data", sync_interval: always }}   # else a power cut can take what was acknowledged
#   include {name}
# Users of your own, other than these, need an account of their own.
"""


class Passwords(Protocol):
    """Of one service, wherever a deployment keeps them."""

    @property
    def owner_password(self) -> str: ...
    @property
    def database_password(self) -> str: ...
    @property
    def nats_password(self) -> str: ...


def nats_users(
    services: Mapping[str, Passwords], operator_password: str, consumes: Mapping[str, Sequence[str]] = CONSUMES
) -> list[NatsUser]:
    """Every service with what it may say and hear, and the operator, who makes streams and consumers."""
    passwords = {name: entry.nats_password for name, entry in services.items()}
    return [*service_users(passwords, consumes), NatsUser(OPERATOR, operator_password, EVERYTHING)]


def for_postgres(services: Mapping[str, Passwords]) -> str:
    """The script for psql."""
    passwords = {name: RolePasswords(known.owner_password, known.database_password) for name, known in services.items()}
    return _POSTGRES + operator_script(passwords)


def for_nats(services: Mapping[str, Passwords], operator_password: str, name: str = "comity-users.conf") -> str:
    """The file for a server's configuration to include."""
    users = json.dumps(authorization(nats_users(services, operator_password)), indent=2)
    return f"{_NATS.format(name=name)}max_payload: {MAX_PAYLOAD}\nauthorization: {users}\n"
