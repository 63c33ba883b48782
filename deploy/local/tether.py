"""Run a program that dies with its parent: `python tether.py --parent PID --signal KILL [--as UID:GID] -- PROGRAM ...`.

Linux sends the signal when the parent ends, however it ends; elsewhere the program is run without that bond. The
account is changed first, because changing it breaks the bond. This file is run by its path and without site packages,
so it imports the standard library only and takes a few milliseconds.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    split = arguments.index("--")
    options = dict(zip(arguments[0:split:2], arguments[1:split:2], strict=True))
    command = arguments[split + 1 :]
    if "--as" in options:
        user, group = (int(part) for part in options["--as"].split(":"))
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    os.umask(0o077)
    _bind_to_parent(int(options["--parent"]), signal.Signals[f"SIG{options['--signal']}"])
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


def _bind_to_parent(parent: int, number: signal.Signals) -> None:
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:  # it died before the bond was made
        sys.exit("the parent is gone")


if __name__ == "__main__":
    main(sys.argv[1:])
