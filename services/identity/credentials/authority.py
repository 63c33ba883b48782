"""The embedded certificate and timestamp authority behind the port of the use cases.

Signing is arithmetic of a millisecond or more, so it runs in threads and the event loop goes on answering.
"""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from services.common.kernel.clock import Clock
from services.identity.application.ports import CertificateNames, Certified, RevocationData
from services.identity.authority.certificate_authority import CertificateAuthority
from services.identity.authority.profiles import Subject
from services.identity.authority.timestamp_authority import TimestampAuthority
from services.identity.credentials.key_folder import make_once


class EmbeddedAuthority:
    """Implements ``Authority`` with keys in a folder."""

    def __init__(self, certificates: CertificateAuthority, timestamps: TimestampAuthority, clock: Clock) -> None:
        self._certificates = certificates
        self._timestamps = timestamps
        self._clock = clock

    @classmethod
    def open(cls, folder: Path, organisation_name: str, clock: Clock) -> "EmbeddedAuthority":
        """The authority in the folder; made there at the first start, named as self-issued by the organisation."""

        def make(draft: Path) -> None:
            authority = CertificateAuthority.create(organisation_name, clock.now())
            authority.save(draft)
            TimestampAuthority.create(authority, organisation_name, clock).save(draft)

        make_once(folder, make)
        certificates = CertificateAuthority.load(folder)
        return cls(certificates, TimestampAuthority.load(folder, certificates, clock), clock)

    @property
    def trust_anchors(self) -> tuple[bytes, ...]:
        return (self._certificates.root_der,)

    async def certify(self, request: bytes, names: CertificateNames) -> Certified:
        """Raises MALFORMED_CERTIFICATE_REQUEST, CERTIFICATE_REQUEST_NOT_SIGNED, UNSUPPORTED_KEY (INVALID)."""
        subject = Subject(
            display_name=names.display_name,
            serial_number=names.serial_number,
            document_number=names.document_number,
            slot=names.slot,
            freezing=names.freezing,
            on_behalf_of=names.on_behalf_of,
            title=names.title,
        )
        chain = await asyncio.to_thread(self._certificates.issue, request, subject, self._clock.now())
        key = x509.load_der_x509_certificate(chain[0]).public_key()
        spelled = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return Certified(chain, sha256(spelled).digest(), sha256(chain[0]).digest())

    async def ocsp_response(self, certificate: bytes) -> bytes:
        return await asyncio.to_thread(self._certificates.ocsp_response, certificate, self._clock.now())

    async def revocation(self, certificates: Sequence[bytes]) -> RevocationData:
        """Statements about all of them. Raises NOT_OUR_CERTIFICATE (INVALID) for a certificate from elsewhere."""
        return await asyncio.to_thread(self._revocation, certificates)

    async def timestamp(self, request: bytes) -> bytes:
        return await asyncio.to_thread(self._timestamps.respond, request)

    def _revocation(self, certificates: Sequence[bytes]) -> RevocationData:
        now = self._clock.now()
        # The lists speak of the authorities; a response is for what the issuing authority issued.
        authorities = {self._certificates.root_der, self._certificates.issuing.der}
        issued = [each for each in dict.fromkeys(certificates) if each not in authorities]
        responses = [self._certificates.ocsp_response(each, now) for each in issued]
        return RevocationData(responses, [self._certificates.root_crl(now), self._certificates.issuing_crl(now)])
