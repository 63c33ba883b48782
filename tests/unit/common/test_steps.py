"""Steps of the event loop: others have their turn between the stages of what is large."""

import asyncio
import time

from services.common.kernel.steps import LONG_STEP, begin, breathe, end


def _busy(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


async def test_others_have_their_turn_after_a_long_stage_and_none_after_a_short_one() -> None:
    seen: list[str] = []
    other = asyncio.ensure_future(_noting(seen, "another", rounds=3))
    begin()
    await breathe()
    seen.append("after a short stage")
    _busy(1.2 * LONG_STEP)
    await breathe()
    seen.append("after a long stage")
    end()
    await other
    assert seen == ["after a short stage", "another", "after a long stage"]


async def test_calls_that_make_something_large_rest_one_after_the_other() -> None:
    seen: list[str] = []

    async def stage(name: str, seconds: float) -> None:
        begin()
        _busy(seconds)
        await breathe()
        seen.append(name)

    await asyncio.gather(stage("long", 3 * LONG_STEP), stage("less long", 1.1 * LONG_STEP))
    assert seen == ["long", "less long"]


async def test_where_no_call_is_at_hand_others_have_their_turn_at_once() -> None:
    seen: list[str] = []
    other = asyncio.ensure_future(_noting(seen, "another", rounds=0))
    await breathe()
    assert seen == ["another"]
    await other


async def _noting(seen: list[str], what: str, rounds: int) -> None:
    for _ in range(rounds):
        await asyncio.sleep(0)
    seen.append(what)
