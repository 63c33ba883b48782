"""What our client makes of a status: only what was put off is asked again."""

import grpc
import pytest

from services.cli.actor import patiently
from services.common.kernel.errors import DomainError, ErrorKind
from services.common.rpc.errors import internal, refusal_of, storage_unavailable

Status = grpc.StatusCode
PASSING = {Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED, Status.CANCELLED}


def _without_words(code: grpc.StatusCode) -> DomainError:
    return refusal_of(grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), "x"))


@pytest.mark.parametrize("code", [code for code in Status if code is not Status.OK], ids=lambda code: code.name)
def test_a_status_without_words_is_passing_only_when_there_was_no_answer(code: grpc.StatusCode) -> None:
    assert _without_words(code).passing == (code in PASSING)


@pytest.mark.parametrize("code", [Status.INTERNAL, Status.UNKNOWN, Status.DATA_LOSS, Status.UNIMPLEMENTED])
async def test_a_fault_of_the_other_side_is_not_asked_again(code: grpc.StatusCode) -> None:
    asked = []

    async def call() -> None:
        asked.append(code)
        raise _without_words(code)

    with pytest.raises(DomainError) as caught:
        await patiently(call)
    assert caught.value.kind is ErrorKind.FAULT
    assert len(asked) == 1


async def test_what_is_put_off_is_asked_again() -> None:
    reasons = ["TOO_MANY_CALLS", "TOO_MUCH_WORK", "BUSY"]

    async def call() -> str:
        if reasons:
            raise DomainError(ErrorKind.EXHAUSTED, reasons.pop(), "", "")
        return "answered"

    assert await patiently(call) == "answered"


def test_a_fault_is_none_that_passes_and_an_outage_is() -> None:
    assert not internal().passing
    assert storage_unavailable().passing
