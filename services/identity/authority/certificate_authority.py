"""The certificate authority: a root, an issuing authority below it, and what it says about revocation at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

from services.common.kernel.errors import DomainError, ErrorKind, invalid
from services.identity.authority.key_holder import KeyHolder, new_key
from services.identity.authority.profiles import (
    SIGNER_LIFETIME,
    Subject,
    authority_certificate,
    authority_name,
    signer_certificate,
)

OCSP_LIFETIME = timedelta(days=7)
CRL_LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Revocation:
    """A certificate of the issuing authority that is revoked, since when (aware UTC)."""

    serial_number: int
    revoked_at: datetime


class CertificateAuthority:
    """Issues certificates against requests, and statements about them. It remembers nothing of them."""

    def __init__(self, root: KeyHolder, issuing: KeyHolder) -> None:
        self.root = root
        self.issuing = issuing

    @classmethod
    def create(cls, organisation_name: str, now: datetime) -> "CertificateAuthority":
        """New keys, valid for ``AUTHORITY_LIFETIME`` from now (aware UTC), named as self-issued."""
        root = authority_certificate(authority_name(organisation_name, "Root CA"), new_key(), None, now)
        issuing = authority_certificate(authority_name(organisation_name, "Issuing CA"), new_key(), root, now)
        return cls(root, issuing)

    def save(self, folder: Path) -> None:
        """Writes both pairs into the folder; key files get mode 0600. FileExistsError rather than overwriting a key."""
        self.root.save(folder, "root")
        self.issuing.save(folder, "issuing")

    @classmethod
    def load(cls, folder: Path) -> "CertificateAuthority":
        """Reads what ``save`` wrote; the errors are those of ``KeyHolder.load``."""
        return cls(KeyHolder.load(folder, "root"), KeyHolder.load(folder, "issuing"))

    @property
    def root_der(self) -> bytes:
        """The certificate a verifier is told to trust."""
        return self.root.der

    def issue(
        self, request_der: bytes, subject: Subject, now: datetime, valid: timedelta = SIGNER_LIFETIME
    ) -> tuple[bytes, ...]:
        """The chain (signer, issuing authority, root) in DER for the key of a PKCS #10 request.

        The names come from the subject alone, never from the request. Raises MALFORMED_CERTIFICATE_REQUEST,
        CERTIFICATE_REQUEST_NOT_SIGNED, UNSUPPORTED_KEY (all INVALID).
        """
        key = _proven_key(request_der)
        certificate = signer_certificate(subject, key, self.issuing, now, valid)
        return _der(certificate), self.issuing.der, self.root.der

    def ocsp_response(self, certificate_der: bytes, now: datetime, revoked_at: datetime | None = None) -> bytes:
        """What the issuing authority says about one of its certificates at the time (RFC 6960), in DER.

        Raises NOT_OUR_CERTIFICATE (INVALID) for a certificate somebody else issued.
        """
        certificate = _certificate(certificate_der)
        self._require_own(certificate)
        moment = now.replace(microsecond=0)
        status = ocsp.OCSPCertStatus.GOOD if revoked_at is None else ocsp.OCSPCertStatus.REVOKED
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=certificate,
            issuer=self.issuing.certificate,
            algorithm=hashes.SHA256(),
            cert_status=status,
            this_update=moment,
            next_update=moment + OCSP_LIFETIME,
            revocation_time=revoked_at,
            revocation_reason=None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.issuing.certificate)
        response = builder.sign(self.issuing.key, hashes.SHA256())
        return response.public_bytes(serialization.Encoding.DER)

    def root_crl(self, now: datetime) -> bytes:
        """The root's revocation list (RFC 5280, 5): it covers the issuing authority and is empty while that stands."""
        return _crl(self.root, now, ())

    def issuing_crl(self, now: datetime, revoked: Sequence[Revocation] = ()) -> bytes:
        """The issuing authority's revocation list as of the time, in DER."""
        return _crl(self.issuing, now, revoked)

    def statements(
        self, certificates: Sequence[bytes], now: datetime, revoked: Sequence[Revocation] = ()
    ) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """OCSP responses for the certificates and the lists of both authorities: all that an archived signature needs.

        Both kinds, because validators differ in which they look at. The authorities' own certificates are passed over.
        Raises NOT_OUR_CERTIFICATE (INVALID).
        """
        since = {entry.serial_number: entry.revoked_at for entry in revoked}
        leaves = [der for der in certificates if der not in (self.issuing.der, self.root.der)]
        serials = [_certificate(der).serial_number for der in leaves]
        responses = [
            self.ocsp_response(der, now, since.get(serial)) for der, serial in zip(leaves, serials, strict=True)
        ]
        return tuple(responses), (self.root_crl(now), self.issuing_crl(now, revoked))

    def _require_own(self, certificate: x509.Certificate) -> None:
        try:
            certificate.verify_directly_issued_by(self.issuing.certificate)
        except (ValueError, TypeError, InvalidSignature):
            raise _not_ours() from None


def _certificate(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        raise _not_ours() from None


def _not_ours() -> DomainError:
    return invalid("NOT_OUR_CERTIFICATE", "该证书并非本机构签发", "this authority did not issue the certificate")


def _proven_key(request_der: bytes) -> ec.EllipticCurvePublicKey:
    try:
        request = x509.load_der_x509_csr(request_der)
        proven = request.is_signature_valid
    except (ValueError, TypeError) as error:
        raise invalid(
            "MALFORMED_CERTIFICATE_REQUEST", "证书请求格式有误", "the certificate request is malformed"
        ) from error
    except Exception as error:  # cryptography raises UnsupportedAlgorithm and others for foreign keys
        raise _unsupported_key() from error
    key = request.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _unsupported_key()
    if not proven:
        raise invalid(
            "CERTIFICATE_REQUEST_NOT_SIGNED",
            "证书请求未由其密钥签署",
            "the certificate request is not signed by its key",
        )
    return key


def _unsupported_key() -> DomainError:
    return DomainError(ErrorKind.INVALID, "UNSUPPORTED_KEY", "仅接受 P-256 密钥", "only keys on P-256 are accepted")


def _crl(issuer: KeyHolder, now: datetime, revoked: Sequence[Revocation]) -> bytes:
    moment = now.replace(microsecond=0)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(moment)
        .next_update(moment + CRL_LIFETIME)
        .add_extension(x509.CRLNumber(int(moment.timestamp())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
    )
    for entry in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(entry.serial_number)
            .revocation_date(entry.revoked_at.replace(microsecond=0))
            .build()
        )
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
