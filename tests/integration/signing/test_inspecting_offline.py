"""What somebody learns years later from the file and a trusted root alone."""

from datetime import timedelta

import pytest

from services.common.documents.canonical import canonical_json
from services.common.signing.inspect import inspect
from services.common.signing.manifest import Signer, read_manifest
from services.common.signing.report import Reason, Refused
from services.common.signing.trust_settings import Knowledge
from tests.kit.signing import NAMES, NUMBER, SLOTS, render, sealed_round, terms


@pytest.mark.parametrize("days", [0, 400, 2000])
def test_a_genuine_file_is_accepted_with_nothing_but_the_root(days: int) -> None:
    signed = sealed_round()
    now = signed.authorities.clock.time + timedelta(days=days, minutes=5)
    report = inspect(signed.sealed, Knowledge(signed.authorities.roots), now, render_again=lambda x: render(x).content)
    assert report.failures == ()
    assert {fact.slot: fact.signer for fact in report.signatures} == NAMES
    assert report.frozen_sha256 == signed.frozen.sha256
    assert report.terms == terms()


def test_a_file_that_is_not_sealed_is_refused() -> None:
    signed = sealed_round()
    report = inspect(signed.revisions[-2], Knowledge(signed.authorities.roots), signed.expectation().now)
    assert report.reasons == {Reason.MISSING_SIGNATURE}


def test_the_manifest_names_number_and_slots() -> None:
    manifest = read_manifest(terms())
    assert (manifest.number, manifest.slots) == (NUMBER, SLOTS)
    assert manifest.signers == {slot: {Signer(name)} for slot, name in NAMES.items()}


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"document":1}', *map(canonical_json, ({"document": {"number": "1", "slots": []}},))],
)
def test_terms_without_a_manifest_cannot_be_inspected(content: bytes) -> None:
    with pytest.raises(Refused) as caught:
        read_manifest(content)
    assert caught.value.failure.reason is Reason.MANIFEST_MISSING
