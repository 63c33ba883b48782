"""What a service stands on (database, broker, folders, identity) and how each of them is now.

Only a look decides: the server looks at every part each second, and a loop that failed has them looked at at once. From
what was seen follow readiness, the metrics, and one line in the log when something changes; a loop whose failure has a
cause that was told so says nothing itself.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NoReturn

import structlog

from services.common.kernel.tasks import require_wanted
from services.common.telemetry import NOT_READY

log = structlog.get_logger()

LOOK_SECONDS = 3.0
"""After which a part that a look waits for counts as one that does not answer."""
AGAIN_SECONDS = 1.0
"""Before a loop that failed goes on."""
LATELY_SECONDS = 2.0
"""How long a cause still explains what failed by it: a failure may be told when all is well again."""
UNFIT_EXIT_CODE = 78
"""How a process ends that only another version or other settings can put right (EX_CONFIG of sysexits.h)."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a part does not work: a stable reason, and what the operator does about it, in Chinese and English.

    Fixed words only: what a server answers may hold passwords, addresses or people's data. ``final``: going on would be
    unsafe, so the process ends.
    """

    reason: str
    zh: str = field(compare=False)
    en: str = field(compare=False)
    final: bool = field(default=False, compare=False)


class Unfit(Exception):
    """The service must not go on (``UNFIT_EXIT_CODE``); why was logged."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the service stands on."""

    name: str
    look: Callable[[], Awaitable[Cause | None]]
    """Says what is wrong now, if anything is. May raise whatever ``blames`` understands."""
    blames: Callable[[BaseException], Cause | None]
    """What this failure of a call or of a loop tells by itself about the part."""
    touches: Callable[[BaseException], bool]
    """Whether this failure may come from the part, whatever it tells."""
    silent: Cause
    """What it means when a look does not end in time."""


class Surroundings:
    """The parts of one service. ``causes`` is what the last look found, by the part's name."""

    def __init__(self) -> None:
        self.causes: dict[str, Cause] = {}
        self.begun = asyncio.Event()
        """Set once the first part, the database, was seen to be as this code needs it: before that nothing is served,
        published or worked off."""
        self._parts: list[Part] = []
        self._seen: dict[str, tuple[Cause, float]] = {}
        self._looks = 0
        self._looking = asyncio.Lock()

    def stand_on(self, part: Part) -> None:
        """Adds a part; the first one is what decides about beginning."""
        self._parts.append(part)

    @property
    def parts(self) -> list[str]:
        return [part.name for part in self._parts]

    @property
    def ready(self) -> bool:
        """Whether the last look found nothing wrong. Nothing is ready before it has begun."""
        return self.begun.is_set() and not self.causes

    async def look(self) -> None:
        """A look at everything that began after this call. Those who ask at once share it.

        Raises Unfit when the service must not go on.
        """
        asked = self._looks
        async with self._looking:
            if self._looks == asked:
                self._looks += 1
                found = await asyncio.gather(*map(_examined, self._parts))
                self._tell({part.name: cause for part, cause in zip(self._parts, found, strict=True) if cause})
        if any(cause.final for cause in self.causes.values()):
            raise Unfit

    def notice(self, error: BaseException) -> list[Part]:
        """The parts that a failure may come from; what only a failure shows they remember for the next look."""
        return [part for part in self._parts if part.touches(error)]

    async def explain(self, error: BaseException) -> Cause | None:
        """The cause of a failure that a look finds now or found a moment ago; None for a fault of another kind.

        The later of two parts that it may come from is the more particular one.
        """
        touched = self.notice(error)
        if touched:
            with contextlib.suppress(Unfit):  # The server's own look ends the process.
                await self.look()
        return next((cause for part in reversed(touched) if (cause := self.lately(part.name))), None)

    def blame(self, error: BaseException) -> Cause | None:
        """What a failure tells by itself, whatever is found."""
        return next((cause for part in reversed(self.notice(error)) if (cause := part.blames(error))), None)

    def lately(self, part: str) -> Cause | None:
        """What a look found wrong with the part now or a moment ago."""
        cause, when = self._seen.get(part, (None, 0.0))
        return cause if part in self.causes or time.monotonic() < when + LATELY_SECONDS else None

    def watch(self, loop: str) -> "Watch":
        """What a loop tells its failures."""
        return Watch(self, loop)

    def _tell(self, now: dict[str, Cause]) -> None:
        before, self.causes = self.causes, now
        self._seen |= {name: (cause, time.monotonic()) for name, cause in now.items()}
        for name, cause in now.items():
            if before.get(name) != cause:
                write = log.error if cause.final else log.warning
                write("not_ready", part=name, reason=cause.reason, remedy=cause.en, remedy_zh=cause.zh)
        for name in before.keys() - now.keys():
            log.info("ready_again", part=name)
        for name, cause in before.items():
            NOT_READY.labels(name, cause.reason).set(0)
        for name, cause in now.items():
            NOT_READY.labels(name, cause.reason).set(1)
        if self._parts and self._parts[0].name not in now:
            self.begun.set()


async def _examined(part: Part) -> Cause | None:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return await part.look()
    except TimeoutError:
        return part.silent
    except Exception as error:
        cause = part.blames(error)
        if cause is None:
            log.exception("look_failed", part=part.name)
        return cause or part.silent


class Watch:
    """The failures of one loop, each kind told once in a row, and not at all while a cause explains them."""

    def __init__(self, surroundings: Surroundings, loop: str) -> None:
        self._surroundings = surroundings
        self._loop = loop
        self._told = ""

    async def failed(self, error: Exception) -> None:
        """The loop cannot go on for now. Returns when it shall try again. Raises CancelledError when it shall not."""
        require_wanted()
        if await self._surroundings.explain(error) is None:
            self._tell(error)
        await asyncio.sleep(AGAIN_SECONDS)

    def _tell(self, error: Exception) -> None:
        cause = self._surroundings.blame(error)
        kind = cause.reason if cause else f"{type(error).__name__}: {error}"
        if kind != self._told:
            self._told = kind
            why = {"reason": cause.reason, "remedy": cause.en} if cause else {"exc_info": error}
            log.warning("interrupted", loop=self._loop, **why)

    def worked(self) -> None:
        """The loop goes on."""
        self._told = ""

    async def rounds(self, work: Callable[[], Awaitable[object]], pause_seconds: float) -> NoReturn:
        """The loop, until cancelled: one round after the other, whether or not it failed, with the pause between."""
        while True:
            try:
                await work()
            except Exception as error:
                await self.failed(error)
            else:
                self.worked()
            await asyncio.sleep(pause_seconds)
