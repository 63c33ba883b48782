"""Papers being drawn and frozen: each once, however often it is asked for, a bounded number, and no caller before others.

A drawing goes on when its caller gives up, and is found by its key when asked for again. Replicas do not know each
other's: two may draw the same paper, and the one recorded first counts.
"""

import asyncio
import heapq
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, TypeVar

from services.common.kernel.errors import DomainError, ErrorKind, precondition
from services.common.signing.pool import WorkOverran
from services.common.telemetry import DRAWINGS

T = TypeVar("T")
RETRY_SECONDS = 10
_KEPT = 256
_STEP = 16_384
"""A paper yields to as many later ones as its data have steps of this many bytes: what is usual goes first, and nothing
waits for ever."""


@dataclass(frozen=True, slots=True)
class Paper:
    """``key`` says what is drawn, to the letter; ``owner`` who has it drawn; ``size`` is its data in bytes."""

    key: str
    owner: str
    size: int


@dataclass(order=True, slots=True)
class _Turn:
    rank: int
    number: int
    come: asyncio.Event = field(compare=False, default_factory=asyncio.Event)


class Drawings:
    """At most ``drawers`` papers are drawn at once; at most ``waiting`` wait, of one owner ``share`` in all."""

    def __init__(self, drawers: int, *, waiting: int, share: int) -> None:
        self._free = drawers
        self._most = drawers + waiting
        self._share = share
        self._under_way: dict[str, asyncio.Task[Any]] = {}
        self._owners: Counter[str] = Counter()
        self._turns: list[_Turn] = []
        self._numbers = count()
        self._kept: OrderedDict[str, Any] = OrderedDict()

    async def drawn(
        self, paper: Paper, draw: Callable[[], Awaitable[T]], still_there: Callable[[T], Awaitable[bool]]
    ) -> T:
        """What ``draw`` gives for the paper: that of an earlier call while it is ``still_there``, or of the call under way.

        Raises PAPER_TOO_LARGE (FAILED_PRECONDITION), DRAWINGS_BUSY (EXHAUSTED, with ``retry_after_seconds``), and what
        ``draw`` raises, to everybody who waits for it.
        """
        kept: T | None = self._kept.get(paper.key)
        if kept is not None and await still_there(kept):
            DRAWINGS.labels("found").inc()
            return kept
        task = self._under_way.get(paper.key)
        if task is None:
            self._require_room(paper.owner)
            task = asyncio.create_task(self._in_turn(paper, draw), name="drawing")
            self._under_way[paper.key] = task
            self._owners[paper.owner] += 1
            task.add_done_callback(partial(self._ended, paper))
        else:
            DRAWINGS.labels("joined").inc()
        result: T = await asyncio.shield(task)
        return result

    async def close(self) -> None:
        """Ends what waits; what is being drawn is waited for by its pool."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _in_turn(self, paper: Paper, draw: Callable[[], Awaitable[T]]) -> T:
        await self._turn(paper.size)
        try:
            result = await draw()
        except WorkOverran:
            DRAWINGS.labels("too_large").inc()
            raise too_large() from None
        finally:
            self._pass_on()
        DRAWINGS.labels("drawn").inc()
        self._keep(paper.key, result)
        return result

    def _ended(self, paper: Paper, task: "asyncio.Task[Any]") -> None:
        del self._under_way[paper.key]
        self._owners -= Counter([paper.owner])
        if not task.cancelled():
            task.exception()  # Every caller may have gone: it is known all the same.

    async def _turn(self, size: int) -> None:
        if self._free:
            self._free -= 1
            return
        number = next(self._numbers)
        turn = _Turn(number + size // _STEP, number)
        heapq.heappush(self._turns, turn)
        try:
            await turn.come.wait()
        except asyncio.CancelledError:
            if turn.come.is_set():
                self._pass_on()
            else:
                self._turns.remove(turn)
                heapq.heapify(self._turns)
            raise

    def _pass_on(self) -> None:
        if self._turns:
            heapq.heappop(self._turns).come.set()
        else:
            self._free += 1

    def _keep(self, key: str, result: Any) -> None:
        self._kept[key] = result
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def _require_room(self, owner: str) -> None:
        if len(self._under_way) >= self._most or self._owners[owner] >= self._share:
            DRAWINGS.labels("refused").inc()
            raise busy()


def busy() -> DomainError:
    return DomainError(
        ErrorKind.EXHAUSTED,
        "DRAWINGS_BUSY",
        f"正在制作的文书过多，请于{RETRY_SECONDS}秒后重试；已提交的不会丢失",
        f"too many papers are being drawn: ask again in {RETRY_SECONDS} seconds; what you asked for before goes on",
        metadata={"retry_after_seconds": str(RETRY_SECONDS)},
    )


def too_large() -> DomainError:
    return precondition(
        "PAPER_TOO_LARGE",
        "文书过长，无法制作；请减少分期期数或者缩短正文，重试无效",
        "the paper is too long to be drawn: have fewer instalments or shorter texts; asking again changes nothing",
    )
