"""pyHanko's signer, bent where ours differs.

The time is handed in, time stamps come through our port, stamps come as PDF, and a revision leaves the document's
metadata alone, which pyHanko would otherwise update with the machine's time.
"""

import asyncio
import io
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

from asn1crypto import keys, tsp, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

import services.common.signing.corrections  # noqa: F401 - before anything is read or signed
from services.common.signing.keys import SigningIdentity
from services.common.signing.ports import TimestampSource

# Hexadecimal characters set aside for a signature with its time stamp: ours need about 8,000. Setting them aside saves
# pyHanko a dry run, which asks for a second time stamp; a longer signature makes it estimate after all.
RESERVED = 12_288
T = TypeVar("T")


class RevisionWriter(IncrementalPdfFileWriter):
    """Appends a revision that holds what it was made for and no new dates or producer names."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__(io.BytesIO(pdf))

    def _update_meta(self) -> None:
        """Leaves information dictionary and XMP as they were frozen."""


class PortTimeStamper(TimeStamper):
    """Asks our port and checks what was stamped; pyHanko checks status and nonce. A bad answer is an OSError."""

    def __init__(self, source: TimestampSource) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._source = source

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        answer = self._source.timestamp(req.dump())
        try:
            response = tsp.TimeStampResp.load(answer, strict=True)
            stamped = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
            imprint = stamped["message_imprint"]["hashed_message"].native
        except (ValueError, TypeError, KeyError) as error:
            raise TimestampRequestError("the timestamp authority refused or cannot be read") from error
        if imprint != req["message_imprint"]["hashed_message"].native:
            raise TimestampRequestError("the timestamp authority stamped something else")
        return response


class ClockedSigner(PdfSigner):
    """Writes the given time as claimed signing time, never the machine's."""

    def __init__(self, now: datetime, metadata: PdfSignatureMetadata, signer: SimpleSigner, **options: Any) -> None:
        super().__init__(metadata, signer, **options)
        self._now = now.replace(microsecond=0)

    def init_signing_session(self, *arguments: Any, **options: Any) -> PdfSigningSession:
        session = super().init_signing_session(*arguments, **options)
        session.system_time = self._now
        return session


class StampContent(PdfContent):
    """A stamp drawn as a one-page PDF, put into the signed file as it is."""

    def __init__(self, stamp: bytes, width: float, height: float) -> None:
        super().__init__(box=BoxConstraints(width=width, height=height))
        self._stamp = stamp

    def render(self) -> bytes:
        page = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._stamp)))
        self.resources.xobject["/Stamp"] = page
        return b"/Stamp Do"


def stamp_style(stamp: bytes | None, width: float, height: float) -> StaticStampStyle:
    """The look of a signature: the stamp filling its box, or nothing at all."""
    if stamp is None:
        return StaticStampStyle(border_width=0, background=None)
    layout = SimpleBoxLayoutRule(
        x_align=AxisAlignment.ALIGN_MID,
        y_align=AxisAlignment.ALIGN_MID,
        margins=Margins.uniform(0),
    )
    return StaticStampStyle(
        border_width=0, background=StampContent(stamp, width, height), background_layout=layout, background_opacity=1.0
    )


def cms_signer(identity: SigningIdentity) -> SimpleSigner:
    """Signs with the identity's key and embeds its chain without the root, which a verifier has or does not trust."""
    der = identity.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = [x509.Certificate.load(certificate) for certificate in identity.chain]
    return SimpleSigner(
        signing_cert=chain[0],
        signing_key=keys.PrivateKeyInfo.load(der),
        cert_registry=SimpleCertificateStore.from_certs(chain[1:]),
        embed_roots=False,
    )


def sign_reserved(make: Callable[[], tuple[PdfSigner, RevisionWriter]], **options: Any) -> bytes:
    """Signs with the room set aside; if that is too small, once more with the room measured."""
    signer, writer = make()
    try:
        return bytes(run(signer.async_sign_pdf(writer, bytes_reserved=RESERVED, **options)).getvalue())
    except SigningError as error:
        if "bytes" not in str(error).lower():
            raise
    signer, writer = make()
    return bytes(run(signer.async_sign_pdf(writer, **options)).getvalue())


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs pyHanko's coroutine in a loop of its own: our callers are worker processes, where none is running."""
    return asyncio.run(coroutine)
