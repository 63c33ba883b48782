"""Rooms and lanes: who waits longest goes, whose turn it is runs, and none takes another's part."""

import asyncio
from contextlib import AbstractAsyncContextManager
from uuid import uuid4

import pytest

from services.common.kernel.principal import Principal
from services.common.rpc.lanes import ACCOUNT, LARGE_BYTES, REMEMBERED, STRANGERS, Lanes, Room
from tests.kit.clock import FakeClock

NOBODY = Principal()


async def waiting(room: Room, seconds: float | None, left: list[int], number: int) -> None:
    try:
        async with asyncio.timeout(seconds) as limit:
            with room.holding(limit):
                await asyncio.Event().wait()
    except TimeoutError:
        left.append(number)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_has_waited_longest_goes_when_a_room_is_full() -> None:
    room, left = Room(3), list[int]()
    tasks = [asyncio.ensure_future(waiting(room, None, left, number)) for number in range(5)]
    await settled()
    assert left == [0, 1]
    assert len(room) == 3
    for task in tasks:
        task.cancel()
    await settled()
    assert len(room) == 0


async def test_one_whose_own_time_is_over_while_the_room_is_full_goes_once() -> None:
    room, loop, second = Room(1), asyncio.get_running_loop(), asyncio.timeout(None)
    came: list[bool] = []

    def comes() -> None:
        with room.holding(second):
            came.append(len(room) == 1)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1000) as first:
            with room.holding(first):
                first.reschedule(loop.time())  # its time is over in the next round, in which the second one comes
                loop.call_soon(comes)
                await asyncio.Event().wait()
    assert came == [True]
    assert len(room) == 0


def test_an_account_and_the_strangers_of_a_method_have_a_lane_each() -> None:
    lanes = Lanes(400, FakeClock())
    one, other = Principal(account_id=uuid4()), Principal(account_id=uuid4())
    assert lanes.of(one, "/a/B") is lanes.of(one, "/a/C")
    assert lanes.of(one, "/a/B") is not lanes.of(other, "/a/B")
    assert lanes.of(NOBODY, "/a/B") is lanes.of(NOBODY, "/a/B")
    assert lanes.of(NOBODY, "/a/B") is not lanes.of(NOBODY, "/a/C")


async def test_a_lane_in_use_is_not_forgotten_and_an_idle_one_is() -> None:
    lanes, busy = Lanes(400, FakeClock()), Principal(account_id=uuid4())

    class Call:
        def add_done_callback(self, _callback: object) -> None: ...

    kept = lanes.of(busy, "")
    kept.enter(Call())
    idle = Principal(account_id=uuid4())
    first = lanes.of(idle, "")
    for _ in range(2 * REMEMBERED):
        lanes.of(Principal(account_id=uuid4()), "")
    assert lanes.of(busy, "") is kept
    assert lanes.of(idle, "") is not first


async def test_a_turn_is_given_back_however_it_ends() -> None:
    lane = Lanes(400, FakeClock()).of(NOBODY, "/a/B")
    for _ in range(3 * STRANGERS.running):
        with pytest.raises(KeyError):
            async with lane.turn():
                raise KeyError
    async with lane.turn():
        pass


async def test_beyond_what_runs_at_once_a_call_waits_for_its_turn() -> None:
    lane, running, release = Lanes(400, FakeClock()).of(Principal(account_id=uuid4()), ""), list[int](), asyncio.Event()

    async def call(number: int) -> None:
        async with lane.turn():
            running.append(number)
            await release.wait()

    tasks = [asyncio.ensure_future(call(number)) for number in range(ACCOUNT.running + 5)]
    await settled()
    assert running == list(range(ACCOUNT.running))
    release.set()
    await asyncio.gather(*tasks)
    assert running == list(range(ACCOUNT.running + 5)), "in the order in which they came"


async def test_calls_with_a_large_message_run_one_after_the_other_and_keep_no_small_one_waiting() -> None:
    lane, running, release = Lanes(400, FakeClock()).of(Principal(account_id=uuid4()), ""), list[str](), asyncio.Event()

    async def call(turn: AbstractAsyncContextManager[None], name: str) -> None:
        async with turn:
            running.append(name)
            await release.wait()

    large = [asyncio.ensure_future(call(lane.large_turn(), f"large {number}")) for number in range(ACCOUNT.running)]
    await settled()
    small = asyncio.ensure_future(call(lane.turn(), "small"))
    await settled()
    assert running == ["large 0", "small"]
    release.set()
    await asyncio.gather(small, *large)
    assert running[2:] == [f"large {number}" for number in range(1, ACCOUNT.running)]


async def test_what_it_takes_to_receive_large_messages_is_paid_and_of_small_ones_is_not() -> None:
    class Context:
        def add_done_callback(self, left: object) -> None:
            pass

    small, large = (Lanes(400, FakeClock()).of(Principal(account_id=uuid4()), "") for _ in range(2))
    for _ in range(20):
        small.enter(Context(), LARGE_BYTES)
        large.enter(Context(), 4 * 1024 * 1024)
    assert small.allowance.wait() == 0.0
    assert large.allowance.wait() > 0.0
