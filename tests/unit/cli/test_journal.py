"""What the program remembers of its requests."""

import gc
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from comity.intake.v1.intake_service_pb2 import FileMatterRequest

from services.cli.journal import Journal

REQUEST = FileMatterRequest(request_id="018f", facts="样本 SAMPLE")


@dataclass
class Holder:
    """Refers to itself, so that only the garbage collector ends it."""

    journal: Journal = field(default_factory=Journal)

    def __post_init__(self) -> None:
        self.oneself = self


def test_a_later_life_of_the_program_sends_what_was_sent_first(tmp_path: Path) -> None:
    first = Journal(tmp_path / "journal")
    first.keep(REQUEST)
    first.close()
    later = Journal(tmp_path / "journal")
    assert later.earlier(FileMatterRequest(request_id="018f", facts="another")) == REQUEST
    later.close()


def test_one_that_nobody_closes_is_closed_by_the_garbage_collector_of_any_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    Holder()
    collecting = threading.Thread(target=gc.collect)
    collecting.start()
    collecting.join()
    assert said == []
