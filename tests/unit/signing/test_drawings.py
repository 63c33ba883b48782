"""Papers are drawn once, in a fair order, a bounded number of them; no caller's leaving ends a drawing."""

import asyncio

import pytest

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.signing.drawings import Drawings, Paper
from services.common.signing.pool import WorkOverran


class Board:
    """Drawings that end when they are told to."""

    def __init__(self, *, waiting: int = 16, share: int = 2) -> None:
        self.drawings = Drawings(1, waiting=waiting, share=share)
        self.begun: list[str] = []
        self.gate = asyncio.Event()
        self.there = True

    def ask(self, key: str, owner: str = "", size: int = 1) -> "asyncio.Task[str]":
        async def draw() -> str:
            self.begun.append(key)
            await self.gate.wait()
            return f"drawn {key}"

        async def still_there(_: str) -> bool:
            return self.there

        return asyncio.ensure_future(self.drawings.drawn(Paper(key, owner or key, size), draw, still_there))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_repeat_joins_what_is_under_way() -> None:
    board = Board()
    asked = [board.ask("a") for _ in range(9)]
    await settle()
    board.gate.set()
    assert await asyncio.gather(*asked) == ["drawn a"] * 9
    assert board.begun == ["a"]


async def test_a_drawing_outlives_its_caller_and_is_found_by_the_next() -> None:
    board = Board()
    asked = board.ask("a")
    await settle()
    asked.cancel()
    await settle()
    board.gate.set()
    await settle()
    assert await board.ask("a") == "drawn a"
    assert board.begun == ["a"]


async def test_what_is_no_longer_in_the_store_is_drawn_again() -> None:
    board = Board()
    board.gate.set()
    await board.ask("a")
    board.there = False
    assert await board.ask("a") == "drawn a"
    assert board.begun == ["a", "a"]


async def test_one_too_many_is_refused_with_a_time_to_come_back_and_a_repeat_is_not_one_more() -> None:
    board = Board(waiting=2)
    asked = [board.ask(key) for key in ("a", "b", "c")]
    await settle()
    with pytest.raises(DomainError) as refused:
        await board.ask("d")
    assert (refused.value.kind, refused.value.reason) == (ErrorKind.EXHAUSTED, "DRAWINGS_BUSY")
    assert refused.value.metadata == {"retry_after_seconds": "10"}
    again = board.ask("c")
    board.gate.set()
    assert await asyncio.gather(*asked, again) == ["drawn a", "drawn b", "drawn c", "drawn c"]
    assert await board.ask("d") == "drawn d"


async def test_nobody_takes_more_than_a_share() -> None:
    board = Board()
    asked = [board.ask(key, "one case") for key in ("a", "b")]
    await settle()
    with pytest.raises(DomainError, match="DRAWINGS_BUSY"):
        await board.ask("c", "one case")
    asked.append(board.ask("d", "another case"))
    board.gate.set()
    await asyncio.gather(*asked)
    assert await board.ask("c", "one case") == "drawn c"


async def test_a_usual_paper_goes_before_large_ones_that_wait_and_a_large_one_has_its_turn() -> None:
    board = Board(waiting=40)
    asked = [board.ask("first"), board.ask("large", size=200_000), board.ask("usual", size=2_000)]
    await settle()
    asked += [board.ask(f"later {number}") for number in range(20)]
    await settle()
    board.gate.set()
    await asyncio.gather(*asked)
    assert board.begun[:2] == ["first", "usual"]
    assert board.begun.index("large") < len(board.begun) - 1


async def test_a_paper_that_overruns_is_refused_for_good_and_the_next_is_drawn() -> None:
    board = Board()

    async def overrun() -> str:
        raise WorkOverran

    async def never(_: str) -> bool:
        return False

    with pytest.raises(DomainError) as refused:
        await board.drawings.drawn(Paper("huge", "one", 1), overrun, never)
    assert (refused.value.kind, refused.value.reason) == (ErrorKind.FAILED_PRECONDITION, "PAPER_TOO_LARGE")
    board.gate.set()
    assert await board.ask("a") == "drawn a"
