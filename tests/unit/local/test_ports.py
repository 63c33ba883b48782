"""Ports are chosen a while before their servers listen: nobody may choose the same meanwhile."""

import subprocess
import sys

import pytest

from deploy.local import ports
from deploy.local.ports import free_port, keep_or_replace

_OTHER = "from deploy.local.ports import free_port; print(*(free_port() for _ in range(60)), flush=True); input()"


def test_programs_that_choose_at_once_never_choose_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among so few that they would, and yet enough for another run of this test beside it."""
    monkeypatch.setattr(ports, "_HIGHEST", ports._LOWEST + 600)
    other = _OTHER.replace("; print", "; from deploy.local import ports; ports._HIGHEST = ports._LOWEST + 600; print")
    with subprocess.Popen(
        [sys.executable, "-c", other], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        theirs = {int(port) for port in process.stdout.readline().split()}
        ours = {free_port() for _ in range(60)}
        process.communicate("\n")
    assert len(theirs) == len(ours) == 60
    assert not theirs & ours


def test_a_remembered_port_is_kept_by_the_program_that_chose_it() -> None:
    port = free_port()
    assert keep_or_replace(port) == port
