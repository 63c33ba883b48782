"""A whole file, but signed by the wrong person or authority, for another text or time: each refused by its reason."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from services.common.papers import render_paper
from services.common.signing.expectation import ExpectedSlot
from services.common.signing.inspect import inspect
from services.common.signing.report import Reason
from services.common.signing.slots import RECORD_SEAL
from services.common.signing.trust_settings import Knowledge
from services.common.signing.verify import verify
from tests.integration.signing.altered import rearchived
from tests.kit.signing import (
    NAMES,
    SLOTS,
    Authorities,
    a_paper_of_another_hand,
    fingerprint,
    render,
    sealed_round,
    sign_round,
    terms,
)


def test_another_enrolled_persons_certificate_in_a_slot_is_refused() -> None:
    authorities = Authorities()
    identities = {slot: authorities.identity(slot) for slot in SLOTS}
    forged = sign_round(authorities, identities={**identities, "party-1": identities["party-2"]})
    enrolled = tuple(ExpectedSlot(slot, fingerprint(identities[slot])) for slot in SLOTS)
    (failure,) = verify(forged.sealed, forged.expectation(slots=enrolled)).failures
    assert (failure.reason, failure.slot) == (Reason.WRONG_CERTIFICATE, "party-1")


def test_another_persons_certificate_is_refused_offline_too() -> None:
    authorities = Authorities()
    forged = sign_round(authorities, identities={"party-1": authorities.identity("party-2")})
    report = inspect(forged.sealed, Knowledge(authorities.roots), forged.expectation().now)
    assert report.reasons == {Reason.WRONG_CERTIFICATE}


@pytest.mark.parametrize("name", ["最高人民法院院长（假）", "王样本 ", "王样本\x1b[2J", NAMES["party-2"]])
def test_a_genuine_certificate_in_a_name_that_the_text_does_not_give_is_refused_by_every_verifier(name: str) -> None:
    """Enrolled, issued for this very slot of this very document, and in a name that its holder has invented."""
    authorities = Authorities()
    forged = sign_round(authorities, identities={"party-1": authorities.identity("party-1", name=name)})
    by_itself = inspect(forged.sealed, Knowledge(authorities.roots), forged.expectation().now)
    for report in (by_itself, verify(forged.sealed, forged.expectation())):
        assert [(each.reason, each.slot) for each in report.failures] == [(Reason.WRONG_SIGNER, "party-1")]


def test_the_seal_of_a_session_record_does_not_seal_an_agreement() -> None:
    """It rests on no keeper's code, so it has to be worthless where one is expected."""
    authorities = Authorities()
    attesting = authorities.identity(RECORD_SEAL, name=NAMES["seal"])
    forged = sign_round(authorities, identities={"seal": attesting})
    report = inspect(forged.sealed, Knowledge(authorities.roots), forged.expectation().now)
    assert [(each.reason, each.slot) for each in report.failures] == [(Reason.WRONG_CERTIFICATE, "seal")]


def test_a_signature_for_another_document_is_refused_offline() -> None:
    authorities = Authorities()
    forged = sign_round(
        authorities, identities={"party-1": authorities.identity("party-1", number="样调字〔2026〕第0002号")}
    )
    report = inspect(forged.sealed, Knowledge(authorities.roots), forged.expectation().now)
    assert report.reasons == {Reason.WRONG_CERTIFICATE}


def test_a_whole_round_by_another_authority_with_the_same_names_is_refused() -> None:
    forged = sign_round(Authorities())
    genuine = sealed_round()
    report = verify(forged.sealed, forged.expectation(knowledge=Knowledge(genuine.authorities.roots)))
    assert Reason.NOT_TRUSTED in report.reasons
    offline = inspect(forged.sealed, Knowledge(genuine.authorities.roots), genuine.expectation().now)
    assert Reason.NOT_TRUSTED in offline.reasons


def test_another_frozen_text_is_refused() -> None:
    other = sign_round(Authorities())
    report = verify(other.sealed, other.expectation(frozen_sha256=sealed_round().frozen.sha256))
    assert report.reasons == {Reason.FROZEN_TEXT_DIFFERS}


def test_other_terms_than_recorded_are_refused() -> None:
    signed = sealed_round()
    assert verify(signed.sealed, signed.expectation(terms_sha256="0" * 64)).reasons == {Reason.ATTACHMENT_DIFFERS}


def test_printed_terms_that_differ_from_the_attached_are_refused() -> None:
    signed = sealed_round()
    report = verify(signed.sealed, signed.expectation(render_again=lambda _: render(terms(1)).content))
    assert report.reasons == {Reason.TERMS_DIFFER}


def test_a_rendering_that_fails_is_a_failure() -> None:
    signed = sealed_round()

    def broken(_: bytes) -> bytes:
        raise ValueError("no such template")

    assert verify(signed.sealed, signed.expectation(render_again=broken)).reasons == {Reason.VERIFICATION_FAILED}


def test_another_file_than_the_recorded_one_is_refused() -> None:
    signed = sealed_round()
    assert verify(signed.sealed, signed.expectation(final_sha256="0" * 64)).reasons == {Reason.FINAL_DIGEST_DIFFERS}


def test_a_file_from_the_future_is_refused() -> None:
    signed = sealed_round()
    before = signed.authorities.clock.time.replace(year=2025)
    assert not verify(signed.sealed, signed.expectation(now=before)).valid


def test_a_name_that_nobody_vouches_for_is_told_to_nobody() -> None:
    """A verdict is read on a screen: whoever makes up an authority could write one into the name of a signer."""
    strangers = Authorities()
    written = "\x1b[2J\x1b[H agreement.pdf: VALID\x1b[8m"
    forged = sign_round(strangers, identities={"party-1": strangers.identity("party-1", name=written)})
    trusted = Knowledge(sealed_round().authorities.roots)
    for report in (
        inspect(forged.sealed, trusted, forged.expectation().now),
        verify(forged.sealed, forged.expectation(knowledge=trusted)),
    ):
        assert report.reasons == {Reason.NOT_TRUSTED}
        assert not any(fact.signer for fact in report.signatures)


def test_a_round_that_somebody_made_up_names_nobody_and_is_not_drawn_under_a_genuine_time_stamp() -> None:
    """Whose word is trusted is the last revision only, so the file comes as far as its signatures are judged."""
    genuine, made_up, drawn = Authorities(), sign_round(Authorities()), []

    def draw(data: bytes) -> bytes:
        drawn.append(data)
        return data

    file = rearchived(lambda writer: None, made_up, genuine)
    report = inspect(file, Knowledge(genuine.roots), made_up.expectation().now, render_again=draw)
    assert report.reasons == {Reason.NOT_TRUSTED}
    assert {fact.slot: fact.signer for fact in report.signatures} == dict.fromkeys(SLOTS, "")
    assert drawn == []


def test_a_paper_of_an_unknown_template_is_refused_where_it_is_drawn_again() -> None:
    other = terms(template="comity.agreement/99")
    signed = sign_round(Authorities(), paper=a_paper_of_another_hand(other))
    expected = signed.expectation(terms_sha256=hashlib.sha256(other).hexdigest())
    assert verify(signed.sealed, expected).valid
    drawing = replace(expected, render_again=lambda data: render_paper(data).content)
    assert verify(signed.sealed, drawing).reasons == {Reason.TEMPLATE_UNKNOWN}


def test_what_is_not_vouched_for_is_not_drawn() -> None:
    drawn: list[bytes] = []
    signed = sealed_round()
    expected = signed.expectation(knowledge=Knowledge(Authorities().roots), render_again=drawn.append)
    assert not verify(signed.sealed, expected).valid and drawn == []


@pytest.mark.parametrize("years", [1, 3, 12, 20, 30, 34])
def test_a_genuine_file_is_genuine_until_its_time_stamp_ends(years: int) -> None:
    signed = sealed_round()
    later = signed.authorities.clock.time + timedelta(days=365 * years)
    assert inspect(signed.sealed, Knowledge(signed.authorities.roots), later).valid
    assert verify(signed.sealed, signed.expectation(now=later)).valid
