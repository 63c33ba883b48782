"""The timestamp authority (RFC 3161, RFC 5816): it says that a digest existed at a time, and nothing about content."""

import hashlib
import secrets
from datetime import datetime
from pathlib import Path

from asn1crypto import algos, cms, core, parser, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from services.common.kernel.clock import Clock
from services.identity.authority.certificate_authority import CertificateAuthority
from services.identity.authority.key_holder import KeyHolder, new_key
from services.identity.authority.profiles import TIMESTAMP_POLICY, authority_name, timestamping_certificate

_DIGEST_LENGTHS = {"sha256": 32, "sha384": 48, "sha512": 64}


class _Rejection(core.Sequence):  # type: ignore[misc]
    """A response without a token, which RFC 3161 allows and asn1crypto's own type does not."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012


class TimestampAuthority:
    """Answers requests with tokens signed by ECDSA P-256; the time is the injected clock's, to the second."""

    def __init__(self, holder: KeyHolder, chain: tuple[bytes, ...], clock: Clock) -> None:
        """``chain``: the certificates between the holder's and the root, without either, put into every token."""
        self.holder = holder
        self._clock = clock
        certificate = x509.Certificate.load(holder.der)
        self._certificates = sorted((holder.der, *chain))
        self._certificate_attribute = _certificate_attribute(certificate)
        self._identifier = _sequence(certificate.issuer.dump(), core.Integer(certificate.serial_number).dump())
        # GeneralName is a choice, so that both its own tag (4, directoryName) and that of its field (0, tsa) are explicit.
        self._name = _tagged(0, _tagged(4, certificate.subject.dump()))

    @classmethod
    def create(cls, authority: CertificateAuthority, organisation_name: str, clock: Clock) -> "TimestampAuthority":
        """A new key, valid for ``TIMESTAMPING_LIFETIME``: an archive outlives many signers' certificates."""
        name = authority_name(organisation_name, "Timestamping")
        holder = timestamping_certificate(name, new_key(), authority.issuing, clock.now())
        return cls(holder, (authority.issuing.der,), clock)

    def save(self, folder: Path) -> None:
        """Writes the pair beside the authority's; FileExistsError rather than overwriting a key."""
        self.holder.save(folder, "timestamping")

    @classmethod
    def load(cls, folder: Path, authority: CertificateAuthority, clock: Clock) -> "TimestampAuthority":
        """Reads what ``save`` wrote; the errors are those of ``KeyHolder.load``."""
        return cls(KeyHolder.load(folder, "timestamping"), (authority.issuing.der,), clock)

    def respond(self, request_der: bytes) -> bytes:
        """The DER TimeStampResp to a DER TimeStampReq. What it cannot honour gets a rejection, never an exception."""
        request = _parse(request_der)
        if request is None:
            return _rejection("bad_data_format")
        failure = _objection(request)
        if failure is not None:
            return _rejection(failure)
        return _sequence(_GRANTED, self._token(request, self._clock.now().replace(microsecond=0)))

    def _token(self, request: tsp.TimeStampReq, when: datetime) -> bytes:
        """ContentInfo with SignedData (RFC 5652, 3 and 5.1)."""
        information = self._information(request, when)
        signed_data = _sequence(
            _VERSION_3,
            _set(_SHA256),
            _sequence(_TST_INFO, _tagged(0, core.OctetString(information).dump())),
            _tagged(0, *self._certificates) if request["cert_req"].native else b"",
            _set(self._signer_info(self._signed_attributes(information, when))),
        )
        return _sequence(_SIGNED_DATA, _tagged(0, signed_data))

    def _information(self, request: tsp.TimeStampReq, when: datetime) -> bytes:
        """TSTInfo (RFC 3161, 2.4.2)."""
        nonce = request["nonce"]
        return _sequence(
            _VERSION_1,
            _POLICY,
            request["message_imprint"].dump(),
            core.Integer(secrets.randbits(120) | 1 << 120).dump(),
            core.GeneralizedTime(when).dump(),
            _ACCURACY,
            b"" if nonce.native is None else nonce.dump(),
            self._name,
        )

    def _signed_attributes(self, information: bytes, when: datetime) -> bytes:
        """The attributes as they are signed: a set of which the order is that of their bytes (X.690, 11.6)."""
        return _set(
            _attribute("content_type", _TST_INFO),
            _attribute("signing_time", core.UTCTime(when).dump()),
            _attribute("message_digest", core.OctetString(hashlib.sha256(information).digest()).dump()),
            self._certificate_attribute,
        )

    def _signer_info(self, attributes: bytes) -> bytes:
        """SignerInfo (RFC 5652, 5.3); there the attributes stand under a tag of their own instead of that of a set."""
        signature = self.holder.key.sign(attributes, ec.ECDSA(hashes.SHA256()))
        return _sequence(
            _VERSION_1,
            self._identifier,
            _SHA256,
            _tagged(0, core.SetOf.load(attributes).contents),
            _ECDSA,
            core.OctetString(signature).dump(),
        )


def _certificate_attribute(certificate: x509.Certificate) -> bytes:
    """Which certificate signs (RFC 5816): a token cannot be passed off as another authority's."""
    certificate_id = tsp.ESSCertIDv2(
        {
            "cert_hash": hashlib.sha256(certificate.dump()).digest(),
            "issuer_serial": {
                "issuer": [x509.GeneralName(name="directory_name", value=certificate.issuer)],
                "serial_number": certificate.serial_number,
            },
        }
    )
    return _attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [certificate_id]}).dump())


# asn1crypto encodes what it did not read twice at every level around it, and where a length ends in 0x80, which it takes
# for an indefinite one, all of that again for every level within: a token of 1,920 bytes took 170 ms. So the layers are put
# together from bytes.


def _sequence(*parts: bytes) -> bytes:
    return bytes(parser.emit(_UNIVERSAL, _CONSTRUCTED, core.Sequence.tag, b"".join(parts)))


def _set(*parts: bytes) -> bytes:
    return bytes(parser.emit(_UNIVERSAL, _CONSTRUCTED, core.SetOf.tag, b"".join(sorted(parts))))


def _tagged(number: int, *parts: bytes) -> bytes:
    return bytes(parser.emit(_CONTEXT, _CONSTRUCTED, number, b"".join(parts)))


def _attribute(kind: str, value: bytes) -> bytes:
    return _sequence(cms.CMSAttributeType(kind).dump(), _set(value))


_UNIVERSAL, _CONTEXT, _CONSTRUCTED = 0, 2, 1
_VERSION_1, _VERSION_3 = core.Integer(1).dump(), core.Integer(3).dump()
_SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()
_ECDSA = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump()
_TST_INFO = cms.ContentType("tst_info").dump()
_SIGNED_DATA = cms.ContentType("signed_data").dump()
_POLICY = core.ObjectIdentifier(TIMESTAMP_POLICY.dotted_string).dump()
_ACCURACY = tsp.Accuracy({"seconds": 1}).dump()
_GRANTED = tsp.PKIStatusInfo({"status": "granted"}).dump()


def _parse(request_der: bytes) -> tsp.TimeStampReq | None:
    try:
        request = tsp.TimeStampReq.load(request_der, strict=True)
        # Reading everything once makes asn1crypto, which parses lazily, find what is malformed.
        request.native  # noqa: B018
    except (ValueError, TypeError, KeyError):
        return None
    return request


def _objection(request: tsp.TimeStampReq) -> str | None:
    imprint = request["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    if algorithm not in _DIGEST_LENGTHS:
        return "bad_alg"
    if len(imprint["hashed_message"].native) != _DIGEST_LENGTHS[algorithm]:
        return "bad_data_format"
    if request["req_policy"].native not in (None, TIMESTAMP_POLICY.dotted_string):
        return "unaccepted_policy"
    if request["extensions"].native:
        return "unaccepted_extensions"
    return None


def _rejection(failure: str) -> bytes:
    status = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {failure}})
    return bytes(_Rejection({"status": status}).dump())
