"""Prints the part of requirements.lock that a container needs: what `dependencies` in pyproject.toml brings, and the mail
catcher. Versions and hashes stay those of the one lock; no compiler, generator, test tool or server binary comes along.
"""

import re
import sys
import tomllib
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[2]
_MAIL_CATCHER = "aiosmtpd"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def runtime_lock(lock: str, dependencies: list[str]) -> str:
    """The entries of the lock that the dependencies need, directly or through each other."""
    entries = _entries(lock)
    wanted = {_normal(each) for each in dependencies}
    if unknown := wanted - entries.keys():
        raise SystemExit(f"not in requirements.lock: {', '.join(sorted(unknown))}")
    while more := {name for name, entry in entries.items() if name not in wanted and _parents(entry) & wanted}:
        wanted |= more
    return "".join(entry for name, entry in entries.items() if name in wanted)


def _entries(lock: str) -> dict[str, str]:
    """Each requirement with its hashes and the comment that says what brought it."""
    parts = re.split(r"(?m)^(?=[A-Za-z0-9])", lock)
    return {_normal(part): part for part in parts if _NAME.match(part)}


def _parents(entry: str) -> set[str]:
    comment = entry.partition("# via")[2]
    return {_normal(line.strip(" #")) for line in comment.splitlines() if line.strip(" #")}


def _normal(requirement: str) -> str:
    found = _NAME.match(requirement)
    return re.sub(r"[._-]+", "-", found[0]).lower() if found else ""


if __name__ == "__main__":
    project = tomllib.loads((_PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    sys.stdout.write(
        runtime_lock(
            (_PROJECT / "requirements.lock").read_text(encoding="utf-8"), [*project["dependencies"], _MAIL_CATCHER]
        )
    )
