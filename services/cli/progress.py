"""What a run tells while it goes: every step as it happens, and afterwards a timeline."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from services.common.kernel.house import HOUSE_ZONE


@dataclass(frozen=True, slots=True)
class Step:
    """One finished step. ``seconds`` is how long it took, waiting for other services included."""

    number: int
    time: str
    case: str
    text: str
    seconds: float


class Narrator:
    """Prints numbered steps and keeps them."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.steps: list[Step] = []
        self._quiet = quiet

    @contextmanager
    def step(self, case: str, text: str) -> Iterator[list[str]]:
        """Times what happens inside; details appended to the list are printed behind the text."""
        details: list[str] = []
        started = time.perf_counter()
        yield details
        line = text + (f": {', '.join(details)}" if details else "")
        moment = datetime.now(HOUSE_ZONE)  # The law counts local days.
        done = Step(len(self.steps) + 1, moment.isoformat(), case, line, round(time.perf_counter() - started, 3))
        self.steps.append(done)
        if not self._quiet:
            self.say(f"{done.number:3d}  {moment:%H:%M:%S}  {done.seconds:6.2f} s  [{case}] {line}")

    def say(self, line: str) -> None:
        """One line for the person at the terminal."""
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def save(self, file: Path) -> None:
        """The timeline as JSON."""
        file.write_text(json.dumps([asdict(step) for step in self.steps], ensure_ascii=False, indent=1))
