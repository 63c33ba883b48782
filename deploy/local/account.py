"""Under which account a server runs, and where its files lie.

PostgreSQL refuses to run as root, and NATS should not. As root both run as `nobody`, which usually cannot enter the
data folder; so their files lie in a home of that account below a folder of root's, and the data folder remembers where.
No mode of an existing folder is ever widened. For an ordinary user the files simply lie in the data folder.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import LocalDeploymentError
from deploy.local.private_files import private_folder, write_private

# /var/tmp and /tmp are swept by age on many systems: good for tests, the last resort for a court's data.
_LASTING_PARENT = Path("/var/lib/comity")
_PASSING_PARENTS = (Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/tmp"))
_RECORD = "home"
_OWNER = "belongs-to"


@dataclass(frozen=True, slots=True)
class Account:
    """A system account to run a server as."""

    name: str
    user: int
    group: int

    @property
    def ids(self) -> tuple[int, int]:
        return (self.user, self.group)

    def may_enter(self, folder: Path) -> bool:
        """Whether the account can reach what lies in the folder, by the modes of it and of every parent."""
        real = folder.resolve()
        return all(self._may_search(place) for place in (real, *real.parents))

    def may_run(self, program: Path) -> bool:
        """Whether the account can run the program, found out by asking it for its version."""
        try:
            tried = subprocess.run(
                [program, "--version"],
                user=self.user,
                group=self.group,
                extra_groups=[],
                cwd="/",
                capture_output=True,
                timeout=20,
                check=False,
            )
        except OSError:
            return False
        return tried.returncode == 0

    def _may_search(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.user:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.group:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def unprivileged_account() -> Account | None:
    """The account for servers when this process is root, else None: then they run as whoever started them."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise LocalDeploymentError(
            "running as root needs the system account 'nobody'; create it or run as another user"
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def settle_home(folder: Path, account: Account | None, *, lasting: bool, parent: Path | None = None) -> Path:
    """The folder for the server's own files, made on first use and found again afterwards.

    ``lasting`` asks for a place that no system sweeps. ``parent`` chooses the place below which the home of the account
    is made; the account must be able to enter it.
    """
    private_folder(folder)
    if account is None:
        return folder
    record = folder / _RECORD
    if record.exists():
        return _known_home(Path(record.read_text(encoding="utf-8").strip()), folder, account)
    home = _new_home(folder, account, parent or _choose_parent(account, lasting=lasting))
    write_private(home / _OWNER, f"{folder.resolve()}\n")
    write_private(record, f"{home}\n")
    return home


def remove_home(folder: Path) -> None:
    """Delete the server's files that lie outside the folder. The data in them are gone."""
    record = folder / _RECORD
    if record.exists():
        shutil.rmtree(record.read_text(encoding="utf-8").strip(), ignore_errors=True)
        record.unlink()


def _known_home(home: Path, folder: Path, account: Account) -> Path:
    if not home.is_dir() or home.is_symlink():
        raise LocalDeploymentError(
            f"the files of {folder} lay in {home}, which is gone: "
            f"restore it from a backup, or remove {folder} to begin anew"
        )
    status = home.lstat()
    if status.st_uid != account.user or status.st_mode & 0o077:
        raise LocalDeploymentError(f"{home} must belong to {account.name} with mode 0700; somebody changed it")
    owner = home / _OWNER
    claimed_by = Path(owner.read_text(encoding="utf-8").strip())
    if claimed_by != folder.resolve():
        if claimed_by.exists():
            raise LocalDeploymentError(
                f"{folder} is a copy: its server files in {home} belong to {claimed_by}. Use backup and restore"
            )
        write_private(owner, f"{folder.resolve()}\n")
    return home


def _new_home(folder: Path, account: Account, parent: Path) -> Path:
    """A fresh folder. A name that is taken is never reused: in a shared place somebody else may have put it there."""
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    home = Path(tempfile.mkdtemp(prefix=f"comity-{folder.name}-{digest}-", dir=parent))
    os.chown(home, *account.ids)
    return home


def _choose_parent(account: Account, *, lasting: bool) -> Path:
    if lasting:
        try:
            _LASTING_PARENT.mkdir(mode=0o755, exist_ok=True)
        except OSError:
            pass
        else:
            if _LASTING_PARENT.stat().st_uid == 0 and account.may_enter(_LASTING_PARENT):
                return _LASTING_PARENT
    for parent in _PASSING_PARENTS:
        if parent.is_dir() and parent.stat().st_uid == 0 and account.may_enter(parent):
            return parent
    raise LocalDeploymentError(f"found no folder that {account.name} can enter to keep the server's files in; name one")
