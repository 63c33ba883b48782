"""What one caller may cost everybody: long calls are paid for, short ones are not."""

import asyncio
import time

import pytest

from services.common.rpc.allowance import FREE, PAID_STEP, Allowance, Paid, Rate


class Now:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_long_steps_use_up_the_allowance_and_time_renews_it() -> None:
    now = Now()
    allowance = Allowance(Rate(burst=1.0, renewal=0.1), now)
    allowance.pay(0.4)
    assert allowance.wait() == 0.0
    allowance.pay(0.9)
    assert allowance.wait() == pytest.approx(3.0)
    now.seconds += 1
    assert allowance.wait() == pytest.approx(2.0)
    now.seconds += 1000
    assert allowance.wait() == 0.0
    allowance.pay(1.1)
    assert allowance.wait() == pytest.approx(1.0), "no more than the burst was kept"


def _work(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


@pytest.mark.parametrize(
    ("steps", "each", "paid"), [(1, FREE / 2, False), (3, FREE / 2, True), (50, PAID_STEP / 10, False)]
)
async def test_a_call_pays_for_its_long_steps_when_they_are_more_than_one(steps: int, each: float, paid: bool) -> None:
    allowance = Allowance(Rate(burst=FREE, renewal=0.001), Now())

    async def work() -> None:
        for _ in range(steps):
            _work(each)
            await asyncio.sleep(0)

    await Paid(work(), allowance)
    assert (allowance.wait() > 0) is paid


async def test_a_call_with_a_large_message_pays_for_its_short_steps_too() -> None:
    allowance = Allowance(Rate(burst=FREE / 2, renewal=0.001), Now())

    async def work() -> None:
        for _ in range(20):
            _work(PAID_STEP / 4)
            await asyncio.sleep(0)

    await Paid(work(), allowance)
    assert allowance.wait() == 0.0
    await Paid(work(), allowance, wholly=True)
    assert allowance.wait() > 0


async def test_only_what_a_step_itself_took_is_paid() -> None:
    allowance = Allowance(Rate(burst=0.01, renewal=0.001), Now())

    async def patient() -> str:
        for _ in range(3):
            await asyncio.sleep(0)
        return "done"

    assert await Paid(patient(), allowance) == "done"
    assert allowance.wait() == 0.0

    async def busy() -> None:
        await asyncio.sleep(0)
        _work(0.03)
        raise KeyError("seen")

    with pytest.raises(KeyError, match="seen"):
        await Paid(busy(), allowance)
    assert allowance.wait() > 0


async def test_a_cancellation_reaches_the_work() -> None:
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    task = asyncio.ensure_future(_awaiting(Paid(work(), Allowance(Rate(1.0, 1.0)))))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["cancelled"]


async def _awaiting(paid: Paid[None]) -> None:
    await paid
