"""Files that somebody changed after they were signed, and what a verifier says of them."""

import io
from collections.abc import Callable

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from services.common.signing.pdf_signer import PortTimeStamper, RevisionWriter, run
from services.common.signing.report import Report
from services.common.signing.slots import ARCHIVE_FIELD
from services.common.signing.trust_settings import DIGEST
from services.common.signing.verify import verify
from tests.kit.signing import (
    Authorities,
    Round,
    sealed_round,
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
