"""Every reason why a service is not ready is explained to operators, in both languages, in words of our own."""

from pathlib import Path

from services.common import assembly
from services.common.documents import folder
from services.common.messaging import broker
from services.common.rpc.tokens import TokenVerifier
from services.common.storage import failures, fitness
from services.common.surroundings import Cause
from tests.kit.clock import FakeClock

DOCUMENT = Path(__file__).parents[3] / "docs" / "not-ready.md"


def _causes() -> list[Cause]:
    found: list[Cause] = list(folder._causes("COMITY_OBJECTS"))
    for module in (failures, fitness, broker):
        for value in vars(module).values():
            found += [
                each for each in (value.values() if isinstance(value, dict) else [value]) if isinstance(each, Cause)
            ]
    return found


async def _no_keys() -> str:
    raise AssertionError("is not asked")


def test_every_reason_is_in_the_operators_document() -> None:
    told = DOCUMENT.read_text(encoding="utf-8")
    identity = assembly._identity(TokenVerifier(_no_keys, FakeClock())).silent
    missing = {cause.reason for cause in [*_causes(), identity] if f"| {cause.reason} | " not in told}
    assert missing == set()


def test_every_remedy_says_in_both_languages_what_to_do() -> None:
    for cause in _causes():
        assert cause.en.isascii(), "it travels in metadata, which is ASCII"
        assert ":" in cause.en and "：" in cause.zh, cause.reason


def test_only_a_newer_schema_ends_a_service() -> None:
    assert {cause.reason for cause in _causes() if cause.final} == {"SCHEMA_NEWER"}
