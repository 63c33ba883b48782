"""Certificates carry long and rare names whole, and a whole round is signed, sealed and verified with them. 样本 SAMPLE."""

import hashlib

import pytest
from asn1crypto import x509

from services.common.signing.certified_names import in_subject, naming_uris, shortened, signer_of
from services.common.signing.keys import certificate_request, new_signing_key
from services.common.signing.manifest import Signer
from services.common.signing.report import Reason
from services.common.signing.verify import verify
from services.identity.authority.profiles import Subject
from tests.kit.signing import NAMES, NUMBER, Authorities, render, sign_round, terms

RARE = ("王𫖮", "张龵", "陈𡌴", "杨千𫰡", "王𬎆", "𠮷田", "㐂样本", "Đặng Thị Ánh", "Łukasz Ōno", "王\U00031350")
LONG = tuple("样本有限公司"[index % 6] for index in range(100))
PRINTED = {"party-1": "王𫖮", "party-2": "".join(LONG), "mediator": "张龵", "seal": "".join(LONG[:64]) + "㐂𬎆"[:1]}


def certified(signer: Signer) -> x509.Certificate:
    authorities = Authorities()
    subject = Subject(signer.name, "signer-1", NUMBER, "party-1", False, signer.on_behalf_of, signer.title)
    request = certificate_request(new_signing_key())
    return x509.Certificate.load(authorities.certificates.issue(request, subject, authorities.clock.now())[0])


@pytest.mark.parametrize("name", [*RARE, *("".join(LONG[:length]) for length in (22, 64, 65, 100)), "\U0002a700" * 100])
def test_a_certificate_says_the_whole_name_and_can_be_compared(name: str) -> None:
    signer = Signer(name, "样本家电有限公司𫖮", "法定代表人")
    certificate = certified(signer)
    assert signer_of(certificate) == signer
    assert certificate.subject == certificate.subject.copy() and certificate.subject.hashable
    assert max(len(value) for value in certificate.subject.native.values()) <= 64


def test_a_name_that_the_subject_holds_is_said_once() -> None:
    assert naming_uris(Signer("王样本", "样本家电有限公司", "法定代表人")) == ()


def test_what_is_said_beside_the_subject_has_to_be_the_same_name() -> None:
    authorities = Authorities()
    forged = certified(Signer("王𫖮"))
    assert signer_of(forged) == Signer("王𫖮") and shortened(Signer("王𫖮")) == Signer("王〓")
    request = certificate_request(new_signing_key())
    subject = Subject("王龵", "signer-1", NUMBER, "party-1")
    other = x509.Certificate.load(authorities.certificates.issue(request, subject, authorities.clock.now())[0])
    assert signer_of(other) != signer_of(forged), "two rare names that look alike in the subject are two names"


def test_a_round_of_long_and_rare_names_is_sealed_and_verified() -> None:
    text = terms(names=PRINTED)
    signed = sign_round(Authorities(), paper=render(text), names=PRINTED)
    expectation = signed.expectation(
        terms_sha256=hashlib.sha256(text).hexdigest(), render_again=lambda data: render(data).content
    )
    report = verify(signed.sealed, expectation)
    assert report.failures == ()
    assert {fact.slot: fact.signer for fact in report.signatures} == PRINTED


def test_a_name_that_differs_beyond_what_a_subject_holds_is_another_person() -> None:
    named = NAMES | {"party-2": "".join(LONG)}
    signs = named | {"party-2": "".join(LONG[:99]) + "南"}
    text = terms(names=named)
    signed = sign_round(Authorities(), paper=render(text), names=signs)
    report = verify(signed.sealed, signed.expectation(terms_sha256=hashlib.sha256(text).hexdigest()))
    assert Reason.WRONG_SIGNER in report.reasons
    assert in_subject(named["party-2"]) == in_subject(signs["party-2"])
