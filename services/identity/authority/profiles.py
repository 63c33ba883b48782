"""What each kind of certificate contains (RFC 5280): names, extensions, lifetimes."""

import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from services.common.signing.certified_names import in_subject, naming_uris
from services.common.signing.manifest import Signer
from services.identity.authority.key_holder import KeyHolder

SELF_ISSUED = "Self-issued 自签"
# A sealed paper is verified by its archive time stamp for as long as the authority of that is valid: a settlement, its
# enforcement (two years from each due date) and the file's keeping are over by then.
AUTHORITY_LIFETIME = timedelta(days=40 * 365)
TIMESTAMPING_LIFETIME = timedelta(days=35 * 365)
SIGNER_LIFETIME = timedelta(days=2 * 365)
# A relying party's clock may be a little behind ours.
_SKEW = timedelta(minutes=1)
# A time stamp must name a policy (RFC 3161, 2.4.2). anyPolicy (RFC 5280, 4.2.1.4) promises none, and every validator can
# read it: relying parties need not take arcs of 2^28 and more (RFC 5280, appendix B), as those made of a UUID have. Signers'
# certificates name no policy, which says the same.
TIMESTAMP_POLICY = ObjectIdentifier("2.5.29.32.0")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a signing certificate names, and for which one signature it is good.

    ``serial_number`` is an opaque identifier of the signer (X.520 serialNumber), never an identity card number.
    ``document_number`` and ``slot`` bind the certificate to one slot of one document, so that it is refused elsewhere.
    ``freezing`` marks the document key, which closes the document and signs on nobody's behalf. Who signs for another
    says for whom and on what authority.
    """

    display_name: str
    serial_number: str
    document_number: str
    slot: str
    freezing: bool = False
    on_behalf_of: str = ""
    title: str = ""


def binding_uri(document_number: str, slot: str) -> str:
    """The alternative name that ties a certificate to one slot of one document."""
    return f"comity:document/{quote(document_number, safe='')}/slot/{quote(slot, safe='')}"


def authority_name(organisation: str, role: str) -> x509.Name:
    return x509.Name(
        [
            _attribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, SELF_ISSUED),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Comity {role} ({SELF_ISSUED})"),
        ]
    )


def authority_certificate(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: KeyHolder | None, now: datetime
) -> KeyHolder:
    """A root (no issuer) or the issuing authority below it."""
    path_length = 1 if issuer is None else 0
    builder = _builder(name, key.public_key(), issuer or _self(name, key), now, AUTHORITY_LIFETIME)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    builder = builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    signing_key = key if issuer is None else issuer.key
    return KeyHolder(builder.sign(signing_key, hashes.SHA256()), key)


def timestamping_certificate(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: KeyHolder, now: datetime
) -> KeyHolder:
    """RFC 3161, 2.3: a key for time stamps and nothing else, said critically."""
    builder = _builder(name, key.public_key(), issuer, now, TIMESTAMPING_LIFETIME)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(digital_signature=True), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return KeyHolder(builder.sign(issuer.key, hashes.SHA256()), key)


def signer_certificate(
    subject: Subject, key: ec.EllipticCurvePublicKey, issuer: KeyHolder, now: datetime, lifetime: timedelta
) -> x509.Certificate:
    """A certificate for one slot of one document. The document key may not commit anybody (no contentCommitment)."""
    builder = _builder(_signer_name(subject), key, issuer, now, lifetime)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    usage = _usage(digital_signature=True, content_commitment=not subject.freezing)
    builder = builder.add_extension(usage, critical=True)
    signer = Signer(subject.display_name, subject.on_behalf_of, subject.title)
    uris = (binding_uri(subject.document_number, subject.slot), *naming_uris(signer))
    alternatives = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri) for uri in uris])
    builder = builder.add_extension(alternatives, critical=False)
    return builder.sign(issuer.key, hashes.SHA256())


def _signer_name(subject: Subject) -> x509.Name:
    """Common name, organisation and title, each as a subject can hold it (``signing/certified_names.py``)."""
    named = (
        (NameOID.COMMON_NAME, subject.display_name),
        (NameOID.ORGANIZATION_NAME, subject.on_behalf_of),
        (NameOID.TITLE, subject.title),
        (NameOID.SERIAL_NUMBER, subject.serial_number),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, SELF_ISSUED),
    )
    return x509.Name([_attribute(kind, value) for kind, value in named if value])


def _attribute(kind: ObjectIdentifier, value: str) -> x509.NameAttribute[str]:
    """Cut to 64 characters, as RFC 5280 counts them: cryptography counts octets, and would refuse a name of 22 Chinese
    characters. What is cut or too rare stands whole in the alternative names.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return x509.NameAttribute(kind, in_subject(value), _validate=False)


@dataclass(frozen=True, slots=True)
class _Issuer:
    subject: x509.Name
    key: ec.EllipticCurvePrivateKey
    not_after: datetime | None


def _self(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> _Issuer:
    return _Issuer(name, key, None)


def _builder(
    name: x509.Name, key: ec.EllipticCurvePublicKey, issuer: KeyHolder | _Issuer, now: datetime, lifetime: timedelta
) -> x509.CertificateBuilder:
    if isinstance(issuer, KeyHolder):
        issuer = _Issuer(issuer.certificate.subject, issuer.key, issuer.certificate.not_valid_after_utc)
    start = now.replace(microsecond=0) - _SKEW
    end = now.replace(microsecond=0) + lifetime
    if issuer.not_after is not None:
        end = min(end, issuer.not_after)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key)
    issuer_identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(identifier, critical=False)
        .add_extension(issuer_identifier, critical=False)
    )


def _usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
