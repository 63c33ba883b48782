"""The timestamp authority: tokens an independent verifier accepts, rejections instead of exceptions."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import algos, core, tsp
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from services.identity.authority.certificate_authority import CertificateAuthority
from services.identity.authority.timestamp_authority import TimestampAuthority

NOW = datetime(2026, 11, 21, 4, 0, 0, 500000, tzinfo=UTC)
DATA = b"frozen bytes"


@dataclass(frozen=True)
class StillClock:
    def now(self) -> datetime:
        return NOW


CERTIFICATES = CertificateAuthority.create("样本机构", NOW)
AUTHORITY = TimestampAuthority.create(CERTIFICATES, "样本机构", StillClock())


def request(**changes: object) -> bytes:
    imprint = tsp.MessageImprint(
        {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "hashed_message": hashlib.sha256(DATA).digest(),
        }
    )
    values = {"version": 1, "message_imprint": imprint, "cert_req": True, "nonce": 7}
    return bytes(tsp.TimeStampReq(values | changes).dump())


class Rejection(core.Sequence):
    """asn1crypto's response type insists on a token."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012


def answer(request_der: bytes) -> tsp.TimeStampResp:
    return tsp.TimeStampResp.load(AUTHORITY.respond(request_der))


def rejection(request_der: bytes) -> tsp.PKIStatusInfo:
    return Rejection.load(AUTHORITY.respond(request_der), strict=True)["status"]


def test_a_token_says_what_was_asked_at_the_clocks_time() -> None:
    response = answer(request())
    assert response["status"]["status"].native == "granted"
    information = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    assert information["gen_time"].native == NOW.replace(microsecond=0)
    assert information["nonce"].native == 7
    assert information["message_imprint"]["hashed_message"].native == hashlib.sha256(DATA).digest()


def test_tokens_have_serial_numbers_of_their_own() -> None:
    def serial() -> int:
        content = answer(request())["time_stamp_token"]["content"]["encap_content_info"]["content"]
        return int(content.parsed["serial_number"].native)

    assert len({serial() for _ in range(20)}) == 20


def test_openssl_accepts_a_token(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    files = {"data": DATA, "response": AUTHORITY.respond(request())}
    pem = serialization.Encoding.PEM
    files["root"] = CERTIFICATES.root.certificate.public_bytes(pem)
    files["issuing"] = CERTIFICATES.issuing.certificate.public_bytes(pem)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    command = [
        "openssl",
        "ts",
        "-verify",
        "-data",
        "data",
        "-in",
        "response",
        "-CAfile",
        "root",
        "-untrusted",
        "issuing",
    ]
    moment = str(int(NOW.timestamp()) + 5)
    outcome = subprocess.run([*command, "-attime", moment], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"req_policy": "1.2.3.4"}, "unaccepted_policy"),
        (
            {
                "message_imprint": tsp.MessageImprint(
                    {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha1"}), "hashed_message": b"0" * 20}
                )
            },
            "bad_alg",
        ),
        (
            {
                "message_imprint": tsp.MessageImprint(
                    {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": b"short"}
                )
            },
            "bad_data_format",
        ),
    ],
)
def test_what_it_does_not_do_is_rejected_by_name(changes: dict[str, object], failure: str) -> None:
    status = rejection(request(**changes))
    assert status["status"].native == "rejection"
    assert status["fail_info"].native == {failure}


@given(st.one_of(st.binary(max_size=200), st.integers(0, len(request()) - 1).map(lambda cut: request()[:cut])))
def test_garbage_is_rejected_and_never_raises(garbage: bytes) -> None:
    assert rejection(garbage)["status"].native == "rejection"


def test_an_answer_costs_the_same_whatever_its_length() -> None:
    """One of some lengths, 1,920 bytes for example, took a hundred times as long. The nonce makes every length there is."""
    costs = [calls_of(lambda size=size: AUTHORITY.respond(request(nonce=1 << 8 * size))) for size in range(256)]
    assert max(costs) < 2 * min(costs)


def test_an_answer_is_in_the_one_form_that_der_allows() -> None:
    response = AUTHORITY.respond(request())
    assert tsp.TimeStampResp.load(response, strict=True).dump(force=True) == response


def calls_of(act: Callable[[], object]) -> int:
    """How many functions were called: the work of it, on a fast machine as on a slow one."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return calls
