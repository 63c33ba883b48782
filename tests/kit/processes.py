"""What processes use, by what the kernel tells of them (/proc)."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_USED = slice(11, 15)
"""After the name in /proc/PID/stat: utime and stime, and those of the children that have ended (proc(5), 14 to 17)."""


def processor_seconds(pid: int) -> float:
    """Processor time of a process and of all its children, also those that have ended; 0 of one that is gone."""
    return sum(sum(map(int, _fields(each)[_USED])) for each in family(pid)) / _TICKS


def family(pid: int) -> list[int]:
    """The process and its children, theirs too."""
    children = read(f"/proc/{pid}/task/{pid}/children").split()
    return [pid, *(each for child in children for each in family(int(child)))]


def read(file: str) -> str:
    """Empty when the process has ended meanwhile."""
    try:
        return Path(file).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _fields(pid: int) -> list[str]:
    return read(f"/proc/{pid}/stat").rpartition(")")[2].split()
