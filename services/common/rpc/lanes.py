"""Limits of calls, each of them one caller's: what one does, however much, takes nothing from another.

A call is first in a ``Room``, where it waits for its own caller (for the message to come, for an answer to be read) and
holds no place that another needs; when the room is full, who has waited longest goes. Then it is in the caller's ``Lane``:
so many run at once, so many more wait for their turn, beyond that it is refused. Over all lanes there is a ceiling, of
which accounts, services and strangers each have their part.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.common.kernel.clock import Clock
from services.common.kernel.errors import DomainError, ErrorKind
from services.common.kernel.principal import Principal
from services.common.rpc.allowance import Allowance, Rate

REMEMBERED = 4096
"""Lanes kept, so that an allowance outlives the call."""
LONGEST_TURN_SECONDS = 5.0
"""How long a call waits for its caller's allowance before it is refused."""
RETRY_SECONDS = 1.0

LARGE_BYTES = 16 * 1024
"""A message of which the reading alone takes a while: 480 instalments, 4 ms."""
RECEIVING_SECONDS = 5e-9
"""What a byte of a large message takes of the processor until it is here, where no step of ours is seen to take it."""


class Room:
    """Where calls wait for their callers, each with a limit in time; there are only so many places."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._waiting: dict[asyncio.Timeout, None] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    @contextmanager
    def holding(self, limit: asyncio.Timeout) -> Iterator[None]:
        """A place for what the time limit is around. Who has waited longest is ended by it when there is none."""
        self._waiting[limit] = None
        if len(self._waiting) > self._places:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            if not oldest.expired():  # its own time may be over just now
                oldest.reschedule(0)
        try:
            yield
        finally:
            self._waiting.pop(limit, None)


@dataclass(frozen=True, slots=True)
class Share:
    """What one caller, or a kind of callers together, may have under way."""

    running: int
    """Calls that run at once; more wait for their turn."""
    open: int
    """Calls from their message on until gRPC is done with them, which needs the caller to read the answer."""
    arriving: int
    """Calls whose message is still to come."""
    reading: int
    """Streamed answers that wait to be read."""
    large: int
    """Calls with a large message that run at once: side by side, their long steps keep everybody else waiting."""
    work: Rate


STRANGERS = Share(running=8, open=64, arriving=128, reading=8, large=1, work=Rate(burst=0.3, renewal=0.01))
"""All callers without a token together, for each method: signing in is not in the way of services that ask for keys."""
ACCOUNT = Share(running=16, open=64, arriving=32, reading=8, large=1, work=Rate(burst=0.3, renewal=0.02))
SERVICE = Share(running=64, open=256, arriving=64, reading=32, large=8, work=Rate(burst=10.0, renewal=0.5))


_PARTS = {ACCOUNT: 0.6, SERVICE: 0.25, STRANGERS: 0.15}
"""What each kind of caller has of the ceiling, and no other kind can take."""


@dataclass(slots=True)
class Ceiling:
    """How many calls of one kind of caller run at once."""

    places: int
    running: int = 0


class Lane:
    """The calls of one caller."""

    def __init__(self, share: Share, ceiling: Ceiling, clock: Clock) -> None:
        self.arrivals = Room(share.arriving)
        self.readers = Room(share.reading)
        self.allowance = Allowance(share.work)
        self._share = share
        self._ceiling = ceiling
        self._clock = clock
        self._turns = asyncio.Semaphore(share.running)
        self._large_turns = asyncio.Semaphore(share.large)
        self._open = 0

    @property
    def idle(self) -> bool:
        return not self._open and not len(self.arrivals)

    def enter(self, context: Any, size: int = 0) -> None:
        """Counts the call, whose message has so many bytes, until gRPC is done with it, and charges what it took to
        receive a large one. Raises TOO_MANY_CALLS (EXHAUSTED)."""
        if size > LARGE_BYTES:
            self.allowance.pay(size * RECEIVING_SECONDS)
        if self._open >= self._share.open:
            raise self._too_many()
        self._open += 1
        context.add_done_callback(self._leave)

    def _leave(self, _context: Any) -> None:
        self._open -= 1

    async def afford(self) -> None:
        """Waits until the caller has work left to spend. Raises TOO_MUCH_WORK (EXHAUSTED)."""
        if wait := self.allowance.wait():
            await self._pause(wait)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One of the places in which calls run. Raises TOO_MANY_CALLS or TOO_MUCH_WORK (EXHAUSTED)."""
        await self._turns.acquire()
        try:
            await self.afford()
            if self._ceiling.running >= self._ceiling.places:
                raise self._too_many()
            self._ceiling.running += 1
            try:
                yield
            finally:
                self._ceiling.running -= 1
        finally:
            self._turns.release()

    @asynccontextmanager
    async def large_turn(self) -> AsyncIterator[None]:
        """The same for a call with a large message. Raises as ``turn``."""
        async with self._large_turns, self.turn():
            yield

    async def _pause(self, seconds: float) -> None:
        if seconds > LONGEST_TURN_SECONDS:
            raise self._exhausted(
                "TOO_MUCH_WORK",
                "您的请求耗用过多，请稍后再试",
                "your requests took too much work: wait until retry_time, and send smaller ones",
                seconds,
            )
        await asyncio.sleep(seconds)

    def _too_many(self) -> DomainError:
        return self._exhausted(
            "TOO_MANY_CALLS",
            "同时进行的请求过多，请稍后再试",
            "too many of your calls are under way: wait for their answers and ask again",
            RETRY_SECONDS,
        )

    def _exhausted(self, reason: str, zh: str, en: str, seconds: float) -> DomainError:
        retry = self._clock.now() + timedelta(seconds=seconds)
        return DomainError(ErrorKind.EXHAUSTED, reason, zh, en, metadata={"retry_time": retry.isoformat()})


class Lanes:
    """The lane of every caller of one server."""

    def __init__(self, ceiling: int, clock: Clock) -> None:
        self.arrivals = Room(1024)
        """All calls whose message is still to come."""
        self.readers = Room(128)
        """All streamed answers that wait to be read."""
        self.probes = Room(128)
        """Calls of health, which has places of its own and is never refused."""
        self._clock = clock
        self._ceilings = {share: Ceiling(max(1, int(ceiling * part))) for share, part in _PARTS.items()}
        self._lanes: OrderedDict[str, Lane] = OrderedDict()

    def of(self, principal: Principal, method: str) -> Lane:
        """The lane of an account, of a service, or of the strangers who call a method."""
        name = method if principal.anonymous else principal.subject
        lane = self._lanes.get(name)
        if lane is None:
            share = SERVICE if principal.service else STRANGERS if principal.anonymous else ACCOUNT
            lane = self._lanes[name] = Lane(share, self._ceilings[share], self._clock)
            self._forget()
        else:
            self._lanes.move_to_end(name)
        return lane

    def _forget(self) -> None:
        if len(self._lanes) > REMEMBERED:
            name, lane = next(iter(self._lanes.items()))
            if lane.idle:
                del self._lanes[name]
            else:
                self._lanes.move_to_end(name)
