"""The certificate authority: what it issues, what it refuses, what it keeps."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

from services.common.kernel.errors import DomainError
from services.common.signing.keys import certificate_request, new_signing_key
from services.common.signing.slots import binding_uri
from services.identity.authority import profiles
from services.identity.authority.certificate_authority import CertificateAuthority, Revocation
from services.identity.authority.profiles import Subject

NOW = datetime(2026, 11, 21, 4, 0, 0, 123456, tzinfo=UTC)
SUBJECT = Subject("王样本", "signer-1", "样调字〔2026〕第0001号", "party-1")


@pytest.fixture(scope="module")
def authority() -> CertificateAuthority:
    return CertificateAuthority.create("样本机构", NOW)


def issued(authority: CertificateAuthority, subject: Subject = SUBJECT) -> x509.Certificate:
    chain = authority.issue(certificate_request(new_signing_key()), subject, NOW)
    return x509.load_der_x509_certificate(chain[0])


def test_a_certificate_names_its_signer_its_slot_and_that_it_is_self_issued(authority: CertificateAuthority) -> None:
    certificate = issued(authority)
    names = certificate.subject
    assert names.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "王样本"
    assert names.get_attributes_for_oid(NameOID.SERIAL_NUMBER)[0].value == "signer-1"
    assert "自签" in certificate.issuer.rfc4514_string()
    alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert alternative.get_values_for_type(x509.UniformResourceIdentifier) == [
        binding_uri(SUBJECT.document_number, SUBJECT.slot)
    ]


def test_authority_and_verifier_write_the_binding_alike() -> None:
    assert profiles.binding_uri("样 1/2", "seal") == binding_uri("样 1/2", "seal")


def test_a_chain_leads_to_the_root_and_holds_for_two_of_twenty_years(authority: CertificateAuthority) -> None:
    certificate = issued(authority)
    certificate.verify_directly_issued_by(authority.issuing.certificate)
    authority.issuing.certificate.verify_directly_issued_by(authority.root.certificate)
    assert certificate.not_valid_after_utc - NOW > timedelta(days=729)
    assert authority.root.certificate.not_valid_after_utc - NOW > timedelta(days=20 * 365 - 1)


def test_a_document_key_commits_nobody(authority: CertificateAuthority) -> None:
    freezing = issued(authority, Subject("文本固化", "document", "1", "freeze", freezing=True))
    usage = freezing.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert not usage.content_commitment


def test_names_in_the_request_are_ignored(authority: CertificateAuthority) -> None:
    key = new_signing_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "最高人民法院")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    chain = authority.issue(request.public_bytes(serialization.Encoding.DER), SUBJECT, NOW)
    assert "最高人民法院" not in x509.load_der_x509_certificate(chain[0]).subject.rfc4514_string()


def tampered_request() -> bytes:
    request = bytearray(certificate_request(new_signing_key()))
    request[-1] ^= 1
    return bytes(request)


def foreign_request(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    ("request_der", "reason"),
    [
        (b"", "MALFORMED_CERTIFICATE_REQUEST"),
        (b"\x30\x03\x02\x01\x01", "MALFORMED_CERTIFICATE_REQUEST"),
        (tampered_request(), "CERTIFICATE_REQUEST_NOT_SIGNED"),
        (foreign_request(rsa.generate_private_key(65537, 2048)), "UNSUPPORTED_KEY"),
        (foreign_request(ec.generate_private_key(ec.SECP384R1())), "UNSUPPORTED_KEY"),
    ],
)
def test_a_request_that_proves_nothing_is_refused(
    authority: CertificateAuthority, request_der: bytes, reason: str
) -> None:
    with pytest.raises(DomainError) as caught:
        authority.issue(request_der, SUBJECT, NOW)
    assert caught.value.reason == reason


def test_what_was_saved_is_loaded_and_readable_by_its_owner_only(
    authority: CertificateAuthority, tmp_path: Path
) -> None:
    folder = tmp_path / "keys"
    authority.save(folder)
    assert CertificateAuthority.load(folder).root_der == authority.root_der
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    with pytest.raises(FileExistsError):
        authority.save(folder)
    (folder / "root.key.pem").chmod(0o644)
    with pytest.raises(PermissionError):
        CertificateAuthority.load(folder)


def test_a_key_of_another_certificate_is_refused(authority: CertificateAuthority, tmp_path: Path) -> None:
    authority.save(tmp_path)
    (tmp_path / "root.key.pem").write_bytes((tmp_path / "issuing.key.pem").read_bytes())
    with pytest.raises(ValueError, match="root"):
        CertificateAuthority.load(tmp_path)


def test_revocation_is_said_in_response_and_list_alike(authority: CertificateAuthority) -> None:
    certificate = issued(authority)
    der = certificate.public_bytes(serialization.Encoding.DER)
    revocation = Revocation(certificate.serial_number, NOW)
    responses, lists = authority.statements([der, authority.issuing.der], NOW, [revocation])
    (response,) = responses
    assert ocsp.load_der_ocsp_response(response).certificate_status is ocsp.OCSPCertStatus.REVOKED
    revoked = x509.load_der_x509_crl(lists[1]).get_revoked_certificate_by_serial_number(certificate.serial_number)
    assert revoked is not None
    (good,), _ = authority.statements([der], NOW)
    assert ocsp.load_der_ocsp_response(good).certificate_status is ocsp.OCSPCertStatus.GOOD


def test_nothing_is_said_about_somebody_elses_certificate(authority: CertificateAuthority) -> None:
    other = CertificateAuthority.create("样本机构", NOW)
    with pytest.raises(DomainError) as caught:
        authority.ocsp_response(issued(other).public_bytes(serialization.Encoding.DER), NOW)
    assert caught.value.reason == "NOT_OUR_CERTIFICATE"


def test_bytes_that_are_no_certificate_are_none_of_ours(authority: CertificateAuthority) -> None:
    with pytest.raises(DomainError) as caught:
        authority.ocsp_response(bytes(32), NOW)
    assert caught.value.reason == "NOT_OUR_CERTIFICATE"
    with pytest.raises(DomainError):
        authority.statements([bytes(32)], NOW)


@pytest.mark.parametrize("length", [21, 22, 64, 100])
def test_a_name_is_certified_by_its_characters_and_not_by_their_octets(
    authority: CertificateAuthority, length: int
) -> None:
    name = "样本有限公司" * 17
    subject = Subject(name[:length], "signer-1", "样调字〔2026〕第0001号", "party-1", False, name[:length])
    (leaf, *_) = authority.issue(certificate_request(new_signing_key()), subject, NOW)
    shown = asn1_x509.Certificate.load(leaf).subject.native
    assert shown["common_name"] == shown["organization_name"] == name[: min(length, 64)]
