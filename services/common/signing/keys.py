"""A signer's key: made where it is used, for one signature, and never stored."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.common.signing.ports import CertificateIssuer


@dataclass(frozen=True, slots=True, repr=False)
class SigningIdentity:
    """A private key with its certificate chain (DER, the signer's own first). No repr, not to be stored."""

    key: ec.EllipticCurvePrivateKey
    chain: tuple[bytes, ...]


def new_signing_key() -> ec.EllipticCurvePrivateKey:
    """A fresh key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def certificate_request(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A PKCS #10 request in DER that proves possession of the key and names nobody: names are the issuer's to give."""
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)


def obtain_identity(issuer: CertificateIssuer) -> SigningIdentity:
    """A new key and a certificate for it. The key lives as long as the value that is returned."""
    key = new_signing_key()
    return SigningIdentity(key, issuer.issue(certificate_request(key)).chain)
