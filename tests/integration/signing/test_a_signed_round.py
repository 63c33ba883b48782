"""A round from rendering to seal: what independent validators say of it, now and years ahead."""

import asyncio
import io
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation import ades
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo

from services.common.kernel.errors import DomainError
from services.common.signing.expectation import Expectation, ExpectedSlot
from services.common.signing.freeze import freeze
from services.common.signing.ports import RevocationData
from services.common.signing.report import Reason
from services.common.signing.sign import sign_slot
from services.common.signing.slots import FREEZE_FIELD, Slot
from services.common.signing.trust_settings import Knowledge, validation_specification
from services.common.signing.verify import ARCHIVE_REVOCATION_ASSUMED, verify
from services.identity.authority.certificate_authority import Revocation
from tests.kit.signing import (
    NAMES,
    NOON,
    SLOTS,
    Authorities,
    Round,
    fingerprint,
    render,
    sealed_round,
    sign_one,
    sign_round,
    terms,
)

THREE_YEARS = timedelta(days=3 * 365)


def test_a_sealed_round_is_what_was_expected() -> None:
    signed = sealed_round()
    report = verify(signed.sealed, signed.expectation(render_again=lambda data: render(data).content))
    assert report.failures == ()
    assert [fact.slot for fact in report.signatures] == list(SLOTS)
    assert [fact.signer for fact in report.signatures] == [NAMES[slot] for slot in SLOTS]
    times = [fact.signed_at for fact in report.signatures]
    assert times == sorted(time for time in times if time is not None)
    assert report.terms == terms()
    assert report.frozen_sha256 == signed.frozen.sha256


def test_every_later_revision_begins_with_the_frozen_bytes() -> None:
    signed = sealed_round()
    for earlier, later in zip(signed.revisions, signed.revisions[1:], strict=False):
        assert later.startswith(earlier)


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), THREE_YEARS])
async def test_pyhankos_own_archive_validation_passes_for_every_signature(ahead: timedelta) -> None:
    signed = await asyncio.to_thread(sealed_round)
    now = signed.authorities.clock.time + timedelta(minutes=5)
    specification = validation_specification(Knowledge(signed.authorities.roots))
    signatures = PdfFileReader(io.BytesIO(signed.sealed)).embedded_regular_signatures
    assert len(signatures) == len(SLOTS) + 1
    for signature in signatures:
        signature.compute_integrity_info()
        if ahead < THREE_YEARS:
            timing = ValidationTimingInfo(now, now, point_in_time_validation=False)
            outcome = await ades.ades_lta_validation(signature, specification, timing_info=timing)
        else:
            outcome = await ades.simulate_future_ades_lta_validation(signature, specification, now + ahead, now)
        assert outcome.ades_subindic == AdESPassed.OK, signature.field_name


@pytest.mark.parametrize("years", [1, 3, 6])
def test_a_sealed_round_verifies_offline_years_later(years: int) -> None:
    signed = sealed_round()
    later = signed.authorities.clock.time + timedelta(days=365 * years)
    report = verify(signed.sealed, signed.expectation(now=later))
    assert report.failures == ()
    assert report.assumptions == (ARCHIVE_REVOCATION_ASSUMED,)


def test_fresh_statements_leave_nothing_to_assume() -> None:
    signed = sealed_round()
    later = signed.authorities.clock.time + timedelta(days=400)
    timestamping = signed.authorities.timestamps.holder.der
    statements = RevocationData(*signed.authorities.certificates.statements([timestamping], later))
    report = verify(
        signed.sealed, signed.expectation(now=later, knowledge=Knowledge(signed.authorities.roots, statements))
    )
    assert report.failures == ()
    assert report.assumptions == ()


def test_an_authority_revoked_after_sealing_is_noticed_with_fresh_statements() -> None:
    signed = sealed_round()
    later = signed.authorities.clock.time + timedelta(days=400)
    holder = signed.authorities.timestamps.holder
    revocation = Revocation(holder.certificate.serial_number, later - timedelta(days=399))
    statements = RevocationData(*signed.authorities.certificates.statements([holder.der], later, [revocation]))
    report = verify(
        signed.sealed, signed.expectation(now=later, knowledge=Knowledge(signed.authorities.roots, statements))
    )
    assert Reason.TIMESTAMP_NOT_TRUSTED in report.reasons


def test_pdfsig_calls_every_signature_valid_and_every_certificate_trusted(tmp_path: Path) -> None:
    if shutil.which("pdfsig") is None or shutil.which("certutil") is None:
        pytest.skip("pdfsig (poppler-utils) or certutil (libnss3-tools) is not installed")
    signed = sealed_round()
    (tmp_path / "signed.pdf").write_bytes(signed.sealed)
    root = signed.authorities.certificates.root.certificate.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "root.pem").write_bytes(root)
    (tmp_path / "nss").mkdir()
    run(tmp_path, "certutil", "-N", "-d", "sql:nss", "--empty-password")
    run(tmp_path, "certutil", "-A", "-d", "sql:nss", "-n", "root", "-t", "CT,C,C", "-i", "root.pem")
    entries = run(tmp_path, "pdfsig", "-nssdir", "sql:nss", "signed.pdf").split("Signature #")[1:]
    by_field = {re.search(r"Field Name: (\S+)", entry)[1]: entry for entry in entries}  # type: ignore[index]
    assert set(by_field) == {FREEZE_FIELD, *SLOTS, "archive"}
    for field in (FREEZE_FIELD, *SLOTS):
        assert "Signature is Valid." in by_field[field], field
        assert "Certificate is Trusted." in by_field[field], field
    assert "Total document signed" in by_field["archive"]


def run(folder: Path, *command: str) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_parties_may_sign_in_either_order() -> None:
    signed = sealed_round()
    pdf = signed.frozen.content
    for slot in ("party-2", "party-1"):
        pdf = sign_one(pdf, signed.slots[slot], signed.identities[slot], signed.authorities)
    report = verify(pdf, unsealed(signed, pdf, ("party-1", "party-2")))
    assert report.failures == ()


def test_a_round_can_be_verified_between_two_signatures() -> None:
    signed = sealed_round()
    assert verify(signed.revisions[0], unsealed(signed, signed.revisions[0], ())).failures == ()
    assert verify(signed.revisions[1], unsealed(signed, signed.revisions[1], ("party-1",))).failures == ()
    wrong = verify(signed.revisions[2], unsealed(signed, signed.revisions[2], ("party-1",)))
    assert wrong.reasons == {Reason.UNEXPECTED_FIELD}


def unsealed(signed: Round, pdf: bytes, names: tuple[str, ...]) -> Expectation:
    slots = tuple(ExpectedSlot(slot, fingerprint(signed.identities[slot]) if slot in names else None) for slot in SLOTS)
    reader = PdfFileReader(io.BytesIO(pdf))
    certificates = [each.signer_cert.dump() for each in reader.embedded_signatures]
    statements = signed.authorities.revocation([*certificates, signed.authorities.timestamps.holder.der])
    return signed.expectation(slots=slots, sealed=False, knowledge=Knowledge(signed.authorities.roots, statements))


def test_a_slot_is_signed_only_once() -> None:
    signed = sealed_round()
    with pytest.raises(DomainError) as caught:
        sign_one(signed.revisions[1], signed.slots["party-1"], signed.identities["party-1"], signed.authorities)
    assert caught.value.reason == "SLOT_ALREADY_SIGNED"


def test_a_slot_the_document_does_not_have_is_refused() -> None:
    signed = sealed_round()
    with pytest.raises(DomainError) as caught:
        sign_slot(
            signed.frozen.content,
            Slot("party-9"),
            signed.identities["party-1"],
            None,
            signed.authorities,
            signed.authorities.clock.now(),
        )
    assert caught.value.reason == "UNKNOWN_SLOT"


@pytest.mark.parametrize("names", [(), ("seal", "seal"), ("Seal",), ("freeze",), ("archive",), ("a.b",), ("",)])
def test_slots_need_plain_names_of_their_own(names: tuple[str, ...]) -> None:
    signed = sealed_round()
    key = signed.identities[FREEZE_FIELD]
    with pytest.raises(DomainError) as caught:
        freeze(render(terms()).content, [Slot(name) for name in names], key, signed.authorities, NOON)
    assert caught.value.reason == "MALFORMED_SLOTS"


@dataclass(frozen=True)
class BrokenTimestamps:
    """A timestamp authority that answers with these bytes, or not at all."""

    answer: bytes | None

    def timestamp(self, request_der: bytes) -> bytes:
        if self.answer is None:
            raise ConnectionError("no route")
        return self.answer


@pytest.mark.parametrize("answer", [None, b"", b"garbage", bytes.fromhex("30053003020102")])
def test_without_a_time_stamp_nothing_is_signed(answer: bytes | None) -> None:
    signed = sealed_round()
    moment = signed.authorities.clock.now()
    with pytest.raises(OSError, match="."):
        sign_slot(
            signed.frozen.content,
            signed.slots["party-1"],
            signed.identities["party-1"],
            None,
            BrokenTimestamps(answer),
            moment,
        )


@dataclass(frozen=True)
class SwappedTimestamps:
    """A timestamp authority that stamps another digest than it was asked for."""

    authorities: Authorities

    def timestamp(self, request_der: bytes) -> bytes:
        request = tsp.TimeStampReq.load(request_der)
        request["message_imprint"]["hashed_message"] = bytes(32)
        return self.authorities.timestamp(request.dump(force=True))


def test_a_time_stamp_of_something_else_is_not_used() -> None:
    signed = sealed_round()
    moment = signed.authorities.clock.now()
    with pytest.raises(OSError, match="something else"):
        sign_slot(
            signed.frozen.content,
            signed.slots["party-1"],
            signed.identities["party-1"],
            None,
            SwappedTimestamps(signed.authorities),
            moment,
        )


def test_a_document_with_a_revoked_signer_is_never_sealed() -> None:
    authorities = Authorities()
    identity = authorities.identity("party-1")
    serial = x509.load_der_x509_certificate(identity.chain[0]).serial_number
    authorities.revoked.append(Revocation(serial, authorities.clock.time))
    with pytest.raises(DomainError) as caught:
        sign_round(authorities, identities={"party-1": identity})
    assert caught.value.reason == "CERTIFICATE_NOT_VALID"
