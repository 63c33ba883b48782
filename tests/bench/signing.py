"""What one signed document costs, ours beside plain reportlab and pyHanko calls for the same output.

``python -m tests.bench.signing``: render, freeze, three people at B-T, the seal at B-LTA; in processor milliseconds.
Plain means the libraries' own calls in one go, without our checks; both reserve room for signatures and draw stamps.
"""

import io
import logging
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from asn1crypto import crl, keys, ocsp, tsp, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.content import ImportedPdfPage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, TimestampDSSContentSettings
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from services.common.documents.stamp import draw_stamp
from services.common.signing.keys import SigningIdentity
from services.common.signing.slots import FREEZE_FIELD, Slot
from services.common.signing.verify import verify
from tests.kit.signing import NAMES, SLOTS, Authorities, Round, render, sign_round, terms

ROUNDS = 12
RESERVED = 12_288


def ours(authorities: Authorities) -> Round:
    return sign_round(authorities)


class PlainTimeStamper(TimeStamper):
    def __init__(self, authorities: Authorities) -> None:
        super().__init__()
        self._authorities = authorities

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(self._authorities.timestamp(req.dump()))


class InMemoryPage(ImportedPdfPage):
    """pyHanko's imported page, from bytes instead of a file."""

    def __init__(self, content: bytes) -> None:
        super().__init__("")
        self._content = content

    def render(self) -> bytes:
        page = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._content)))
        self.resources.xobject["/Stamp"] = page
        _, _, width, height = page.get_object()["/BBox"]
        self.box = BoxConstraints(width=width, height=height)
        return b"/Stamp Do"


def plain(authorities: Authorities) -> bytes:
    """The same document signed by the libraries' own calls."""
    people = {slot: authorities.identity(slot) for slot in (FREEZE_FIELD, *SLOTS)}
    rendered = render(terms())
    slots = {area.slot: Slot(area.slot, area.page, area.box) for area in rendered.areas}
    writer = IncrementalPdfFileWriter(io.BytesIO(rendered.content))
    for slot in slots.values():
        fields.append_signature_field(writer, fields.SigFieldSpec(slot.name, on_page=slot.page, box=slot.box))
    pdf = _sign(writer, people[FREEZE_FIELD], authorities, FREEZE_FIELD, None, {"certify": True})
    for name in SLOTS:
        left, bottom, right, top = slots[name].box or (0, 0, 0, 0)
        stamp = draw_stamp(NAMES[name], ("样本 SAMPLE",), right - left, top - bottom)
        archive = _archive_options(people, authorities) if name == SLOTS[-1] else {}
        pdf = _sign(IncrementalPdfFileWriter(io.BytesIO(pdf)), people[name], authorities, name, stamp, archive)
    return pdf


def _archive_options(people: dict[str, SigningIdentity], authorities: Authorities) -> dict[str, Any]:
    leaves = [*(identity.chain[0] for identity in people.values()), authorities.timestamps.holder.der]
    statements = authorities.revocation(leaves)
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(der) for der in authorities.roots],
        other_certs=[x509.Certificate.load(der) for der in (*leaves, authorities.certificates.issuing.der)],
        ocsps=[ocsp.OCSPResponse.load(der) for der in statements.ocsp_responses],
        crls=[crl.CertificateList.load(der) for der in statements.revocation_lists],
        allow_fetching=False,
        revocation_mode="require",
        moment=authorities.clock.time + timedelta(minutes=1),
    )
    archive = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
    return {
        "embed_validation_info": True,
        "use_pades_lta": True,
        "validation_context": context,
        "dss_settings": DSSContentSettings(include_vri=False, next_ts_settings=archive),
    }


def _sign(
    writer: IncrementalPdfFileWriter,
    identity: SigningIdentity,
    authorities: Authorities,
    field: str,
    stamp: bytes | None,
    options: dict[str, Any],
) -> bytes:
    der = identity.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = [x509.Certificate.load(certificate) for certificate in identity.chain]
    signer = signers.SimpleSigner(chain[0], keys.PrivateKeyInfo.load(der), SimpleCertificateStore.from_certs(chain[1:]))
    metadata = signers.PdfSignatureMetadata(
        field_name=field, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, **options
    )
    style = StaticStampStyle(background=InMemoryPage(stamp)) if stamp else None
    pdf_signer = signers.PdfSigner(metadata, signer, timestamper=PlainTimeStamper(authorities), stamp_style=style)
    return bytes(pdf_signer.sign_pdf(writer, bytes_reserved=RESERVED).getvalue())


def _milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median processor time of the work."""
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        taken.append((time.process_time() - start) * 1000)
    return statistics.median(taken)


def main() -> None:
    logging.disable(logging.CRITICAL)
    authorities = Authorities()
    signed = ours(authorities)
    plain(authorities)
    alternating = [
        (_milliseconds(lambda: ours(authorities), 1), _milliseconds(lambda: plain(authorities), 1))
        for _ in range(ROUNDS)
    ]
    our, floor = (statistics.median(column) for column in zip(*alternating, strict=True))
    print(f"render                                  {_milliseconds(lambda: render(terms())):7.1f} ms")
    print(f"render + freeze + 3 x B-T + seal B-LTA  {our:7.1f} ms   plain {floor:7.1f} ms   ratio {our / floor:.2f}")
    expectation = signed.expectation()
    verifying = _milliseconds(lambda: verify(signed.sealed, expectation), 5)
    print(f"verify, now and three years ahead       {verifying:7.1f} ms")
    print(f"size of the sealed file                 {len(signed.sealed) / 1024:7.1f} KiB")


if __name__ == "__main__":
    main()
