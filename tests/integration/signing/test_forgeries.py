"""Every way we know to forge a signed file, each refused with a reason of its own (pdf-insecurity.org and our own)."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from services.common.papers import render_paper
from services.common.signing.expectation import ExpectedSlot
from services.common.signing.inspect import inspect
from services.common.signing.outermost import SIZE_LIMIT
from services.common.signing.pdf_signer import PortTimeStamper, RevisionWriter, run
from services.common.signing.report import Reason, Report
from services.common.signing.seal import archive
from services.common.signing.slots import ARCHIVE_FIELD, RECORD_SEAL
from services.common.signing.trust_settings import DIGEST, Knowledge
from services.common.signing.verify import verify
from tests.kit.signing import (
    NAMES,
    SLOTS,
    Authorities,
    Round,
    fingerprint,
    render,
    sealed_round,
    sign_round,
    terms,
)

Change = Callable[[IncrementalPdfFileWriter], None]


def checked(pdf: bytes, signed: Round | None = None) -> Report:
    signed = signed or sealed_round()
    return verify(pdf, signed.expectation())


def appended(pdf: bytes, change: Change) -> bytes:
    """The file with an unsigned revision at its end."""
    writer = RevisionWriter(pdf)
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def before_archive(signed: Round) -> bytes:
    """The sealed file cut back to the seal's own revision, before the archive time stamp."""
    seal = next(
        each for each in PdfFileReader(io.BytesIO(signed.sealed)).embedded_signatures if each.field_name == "seal"
    )
    end = int(seal.byte_range[2]) + int(seal.byte_range[3])
    return signed.sealed[:end]


def rearchived(change: Change, signed: Round | None = None, stamping: Authorities | None = None) -> bytes:
    """A change slipped in under a genuine archive time stamp: anybody can ask an authority for one."""
    signed = signed or sealed_round()
    authorities, stamping = signed.authorities, stamping or signed.authorities
    certificates = [*(identity.chain[0] for identity in signed.identities.values()), *_of(authorities)]
    statements = authorities.revocation(certificates)
    writer = RevisionWriter(before_archive(signed))
    change(writer)
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        certs=[x509.Certificate.load(der) for der in (*certificates, *_of(stamping))],
        ocsps=[ocsp.OCSPResponse.load(der) for der in statements.ocsp_responses],
        crls=[crl.CertificateList.load(der) for der in statements.revocation_lists],
    )
    stamper = PdfTimeStamper(PortTimeStamper(stamping), field_name=ARCHIVE_FIELD)
    return bytes(run(stamper.async_timestamp_pdf(writer, DIGEST)).getvalue())


def _of(authorities: Authorities) -> tuple[bytes, bytes]:
    """The certificates that its time stamps are made with."""
    return authorities.timestamps.holder.der, authorities.certificates.issuing.der


def edit_information(writer: IncrementalPdfFileWriter) -> None:
    information = writer.trailer["/Info"]
    information[pdf_name("/Title")] = generic.pdf_string("another title")
    writer.update_container(information)


def edit_metadata(writer: IncrementalPdfFileWriter) -> None:
    packet = generic.StreamObject(stream_data=b"<x/>")
    packet[pdf_name("/Type")] = pdf_name("/Metadata")
    writer.root[pdf_name("/Metadata")] = writer.add_object(packet)
    writer.update_root()


def add_script(writer: IncrementalPdfFileWriter) -> None:
    action = generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.pdf_string("1")}
    )
    writer.root[pdf_name("/OpenAction")] = writer.add_object(action)
    writer.update_root()


def add_layer(writer: IncrementalPdfFileWriter) -> None:
    writer.root[pdf_name("/OCProperties")] = generic.DictionaryObject({pdf_name("/OCGs"): generic.ArrayObject()})
    writer.update_root()


def add_catalog_entry(writer: IncrementalPdfFileWriter) -> None:
    writer.root[pdf_name("/PageLabels")] = generic.DictionaryObject()
    writer.update_root()


def replace_page(writer: IncrementalPdfFileWriter) -> None:
    page_reference, _ = writer.find_page_for_modification(0)
    page = page_reference.get_object()
    stream = generic.StreamObject(stream_data=b"BT (1,000,000) Tj ET")
    page[pdf_name("/Contents")] = writer.add_object(stream)
    writer.update_container(page)


def add_link(writer: IncrementalPdfFileWriter) -> None:
    writer.register_annotation(
        writer.find_page_for_modification(0)[0],
        writer.add_object(
            generic.DictionaryObject(
                {
                    pdf_name("/Type"): pdf_name("/Annot"),
                    pdf_name("/Subtype"): pdf_name("/FreeText"),
                    pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 10, 10))),
                }
            )
        ),
    )


def add_attachment(writer: IncrementalPdfFileWriter) -> None:
    content = EmbeddedFileObject.from_file_data(writer, b"{}")
    embed_file(writer, FileSpec("other.json", embedded_data=content))


def add_signature_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("party-3", box=(10, 10, 60, 60)))


def add_text_field(writer: IncrementalPdfFileWriter) -> None:
    field = generic.DictionaryObject(
        {
            pdf_name("/FT"): pdf_name("/Tx"),
            pdf_name("/T"): generic.pdf_string("amount"),
            pdf_name("/V"): generic.pdf_string("1,000,000"),
        }
    )
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(field))
    writer.update_container(form["/Fields"])


def test_the_same_archiving_without_a_change_is_accepted() -> None:
    """Else the tests below would prove nothing."""
    assert checked(rearchived(lambda writer: None)).failures == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (edit_information, Reason.CHANGED_AFTER_SIGNING),
        (edit_metadata, Reason.CHANGED_AFTER_SIGNING),
        (replace_page, Reason.CHANGED_AFTER_SIGNING),
        (add_script, Reason.ACTIVE_CONTENT),
        (add_layer, Reason.ACTIVE_CONTENT),
        (add_catalog_entry, Reason.UNEXPECTED_CONTENT),
        (add_link, Reason.UNEXPECTED_CONTENT),
        (add_attachment, Reason.ATTACHMENT_UNEXPECTED),
        (add_signature_field, Reason.UNEXPECTED_FIELD),
        (add_text_field, Reason.UNEXPECTED_FIELD),
    ],
)
def test_a_change_under_a_genuine_archive_time_stamp_is_refused(change: Change, reason: Reason) -> None:
    assert reason in checked(rearchived(change)).reasons


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (edit_information, Reason.UNCOVERED_BYTES),
        (replace_page, Reason.UNCOVERED_BYTES),
        (lambda writer: writer.add_object(generic.pdf_string("hidden")), Reason.UNCOVERED_BYTES),
        (add_text_field, Reason.UNCOVERED_BYTES),
        (add_signature_field, Reason.UNCOVERED_BYTES),
    ],
)
def test_a_revision_after_the_seal_is_refused(change: Change, reason: Reason) -> None:
    assert checked(appended(sealed_round().sealed, change)).reasons == {reason}


def test_bytes_after_the_end_are_refused() -> None:
    assert checked(sealed_round().sealed + b"\n").reasons == {Reason.UNCOVERED_BYTES}


def test_an_unsigned_revision_between_two_signatures_is_refused() -> None:
    authorities = Authorities()
    signed = sign_round(authorities)
    pdf = appended(before_archive(signed), lambda writer: writer.add_object(generic.pdf_string("hidden")))
    pdf = archive(pdf, authorities, authorities, authorities.roots, authorities.clock.now())
    assert checked(pdf, signed).reasons == {Reason.UNEXPECTED_REVISION}


@pytest.mark.parametrize(
    ("revision", "reason", "slot"),
    [
        (0, Reason.MISSING_SIGNATURE, "party-1"),
        (1, Reason.MISSING_SIGNATURE, "party-2"),
        (2, Reason.MISSING_SIGNATURE, "mediator"),
        (3, Reason.MISSING_SIGNATURE, "seal"),
    ],
)
def test_a_file_cut_back_to_an_earlier_revision_is_refused(revision: int, reason: Reason, slot: str) -> None:
    (failure,) = checked(sealed_round().revisions[revision]).failures
    assert (failure.reason, failure.slot) == (reason, slot)


def test_a_sealed_file_without_its_archive_time_stamp_is_refused() -> None:
    assert checked(before_archive(sealed_round())).reasons == {Reason.NOT_SEALED}


def test_an_unsigned_file_is_refused() -> None:
    assert checked(render(terms()).content).reasons == {Reason.UNSIGNED}
    knowledge = Knowledge(sealed_round().authorities.roots)
    assert inspect(render(terms()).content, knowledge, sealed_round().expectation().now).reasons == {Reason.UNSIGNED}


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


def last_container(pdf: bytes) -> tuple[int, int]:
    start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    return start, pdf.index(b">", start)


def test_anything_but_zero_in_the_padding_is_refused() -> None:
    pdf = bytearray(sealed_round().sealed)
    _, end = last_container(bytes(pdf))
    pdf[end - 1] = ord("1")
    assert checked(bytes(pdf)).reasons == {Reason.PADDING_NOT_ZERO}


def test_the_same_signature_spelled_otherwise_is_refused() -> None:
    pdf = sealed_round().sealed
    start, end = last_container(pdf)
    assert checked(pdf[:start] + pdf[start:end].lower() + pdf[end:]).reasons == {Reason.CONTAINER_ALTERED}


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
    other = terms(template="comity.settlement/99")
    signed = sign_round(Authorities(), paper=render(other))
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


def test_a_large_file_is_refused_before_it_is_read() -> None:
    """By its size, by bytes behind the last signature, or by who closed it: none of them reaches a reader of PDFs."""
    signed, knowledge = sealed_round(), Knowledge(sealed_round().authorities.roots)
    for file, reason in (
        (signed.sealed + b"%" + bytes(SIZE_LIMIT), Reason.TOO_LARGE),
        (signed.sealed + b"%" + b"x" * 1_000_000 + b"\n%%EOF\n", Reason.UNCOVERED_BYTES),
        (b"%PDF-1.7\n" + b"% comment\n" * 100_000, Reason.UNSIGNED),
    ):
        for report in (inspect(file, knowledge, signed.expectation().now), verify(file, signed.expectation())):
            assert (report.reasons, report.signatures) == ({reason}, ())
    digest = {"final_sha256": "00" * 32}
    assert verify(b"no PDF at all", signed.expectation(**digest)).reasons == {Reason.FINAL_DIGEST_DIFFERS}
