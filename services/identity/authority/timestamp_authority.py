"""The timestamp authority (RFC 3161, RFC 5816): it says that a digest existed at a time, and nothing about content."""

import hashlib
import secrets
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from services.common.kernel.clock import Clock
from services.identity.authority.certificate_authority import CertificateAuthority
from services.identity.authority.key_holder import KeyHolder, new_key
from services.identity.authority.profiles import TIMESTAMP_POLICY, authority_name, timestamping_certificate

_DIGEST_LENGTHS = {"sha256": 32, "sha384": 48, "sha512": 64}
_SHA256 = algos.DigestAlgorithm.load(algos.DigestAlgorithm({"algorithm": "sha256"}).dump())
_ECDSA = algos.SignedDigestAlgorithm.load(algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump())
T = TypeVar("T", bound=core.Asn1Value)


class _Rejection(core.Sequence):  # type: ignore[misc]
    """A response without a token, which RFC 3161 allows and asn1crypto's own type does not."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012


class TimestampAuthority:
    """Answers requests with tokens signed by ECDSA P-256; the time is the injected clock's, to the second."""

    def __init__(self, holder: KeyHolder, chain: tuple[bytes, ...], clock: Clock) -> None:
        """``chain``: the certificates between the holder's and the root, without either, put into every token."""
        self.holder = holder
        self._clock = clock
        self._certificate = x509.Certificate.load(holder.der)
        self._chain = tuple(x509.Certificate.load(der) for der in chain)
        self._certificate_attribute = self._certificate_identifier()

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
        token = self._token(request, self._clock.now().replace(microsecond=0))
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def _token(self, request: tsp.TimeStampReq, when: datetime) -> cms.ContentInfo:
        information = self._information(request, when).dump()
        attributes = self._signed_attributes(information, when)
        signed_data = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [_SHA256],
                "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(information)},
                "signer_infos": [self._signer_info(attributes)],
            }
        )
        if request["cert_req"].native:
            signed_data["certificates"] = [self._certificate, *self._chain]
        return cms.ContentInfo({"content_type": "signed_data", "content": signed_data})

    def _information(self, request: tsp.TimeStampReq, when: datetime) -> tsp.TSTInfo:
        information = {
            "version": "v1",
            "policy": TIMESTAMP_POLICY.dotted_string,
            "message_imprint": request["message_imprint"],
            "serial_number": secrets.randbits(120) | 1 << 120,
            "gen_time": when,
            "accuracy": {"seconds": 1},
            "tsa": x509.GeneralName(name="directory_name", value=self._certificate.subject),
        }
        if request["nonce"].native is not None:
            information["nonce"] = request["nonce"].native
        return tsp.TSTInfo(information)

    def _signed_attributes(self, information: bytes, when: datetime) -> cms.CMSAttributes:
        attributes = (
            _attribute("content_type", "tst_info"),
            _attribute("signing_time", cms.Time({"utc_time": core.UTCTime(when)})),
            self._certificate_attribute,
            _attribute("message_digest", hashlib.sha256(information).digest()),
        )
        return _settled(cms.CMSAttributes(attributes))

    def _certificate_identifier(self) -> cms.CMSAttribute:
        """Which certificate signs (RFC 5816): a token cannot be passed off as another authority's."""
        certificate_id = tsp.ESSCertIDv2(
            {
                "cert_hash": hashlib.sha256(self.holder.der).digest(),
                "issuer_serial": {
                    "issuer": [x509.GeneralName(name="directory_name", value=self._certificate.issuer)],
                    "serial_number": self._certificate.serial_number,
                },
            }
        )
        return _attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [certificate_id]}))

    def _signer_info(self, attributes: cms.CMSAttributes) -> cms.SignerInfo:
        identifier = {"issuer": self._certificate.issuer, "serial_number": self._certificate.serial_number}
        information = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier({"issuer_and_serial_number": identifier}),
                "digest_algorithm": _SHA256,
                "signed_attrs": attributes,
                "signature_algorithm": _ECDSA,
                "signature": self.holder.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
            }
        )
        return _settled(information)


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return _settled(cms.CMSAttribute({"type": kind, "values": [value]}))


def _settled(value: T) -> T:
    """The value as read from its own bytes: asn1crypto encodes one it did not read anew at every level around it."""
    settled: T = type(value).load(value.dump())
    return settled


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
