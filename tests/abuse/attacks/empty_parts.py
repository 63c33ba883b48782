"""Messages of two million empty parts, by nobody and by somebody signed up."""

import asyncio

from tests.abuse.attacks import Target

SERVICE = "mediation"
TITLE = "2,000,000 and 250,000 empty parts"
LANES = 4
_METHOD = "/comity.mediation.v1.MediationService/ValidateTerms"


def body(parts: int) -> bytes:
    """``terms`` with so many empty obligations."""
    inner = b"\x22\x00" * parts
    return b"\x12" + _length(len(inner)) + inner


def _length(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


async def attack(target: Target) -> None:
    call = (await target.channel(SERVICE)).unary_unary(_METHOD)
    calls = (
        lambda: call(body(2_000_000), timeout=30),
        lambda: call(body(250_000), metadata=target.account, timeout=30),
    )
    await asyncio.gather(*(target.again_and_again(calls[lane % 2]) for lane in range(LANES)))
