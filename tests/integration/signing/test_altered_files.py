"""A signed file that was changed: every way we know (pdf-insecurity.org and our own), refused with a reason of its own."""

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from services.common.signing.inspect import inspect
from services.common.signing.outermost import SIZE_LIMIT
from services.common.signing.report import Reason
from services.common.signing.seal import archive
from services.common.signing.trust_settings import Knowledge
from services.common.signing.verify import verify
from tests.integration.signing.altered import Change, appended, before_archive, checked, rearchived
from tests.kit.signing import (
    Authorities,
    render,
    sealed_round,
    sign_round,
    terms,
)


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
