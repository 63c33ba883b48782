"""The signing ports over gRPC to identity, for use inside a worker process: plain blocking calls with a deadline each.

A value of ``AuthorityAccess`` can be handed to a worker process, where one channel serves all that the process does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import grpc
from comity.identity.v1 import identity_service_pb2 as pb
from comity.identity.v1.identity_service_pb2_grpc import IdentityServiceStub

from services.common.rpc.errors import refusal_of
from services.common.signing.manifest import Signer
from services.common.signing.ports import Issued, RevocationData

CALL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class AuthorityAccess:
    """Where identity listens and the calling service's own token (``ServiceCredential.metadata``)."""

    address: str
    metadata: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"AuthorityAccess({self.address!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotBinding:
    """What a certificate is asked for: one slot of one document.

    ``subject`` is ``signingRounds/...``, ``rulings/...`` or ``sessionRecords/...``. ``proof`` is the signer's, or that
    of who uses a seal. A person's slot names the ``signer``, a seal its ``organisation`` (``organisations/...``).
    ``freezing``: the key that closes a document needs neither. ``attesting``: the seal on a session record (slot
    ``RECORD_SEAL``) rests on the log and on no proof.
    """

    subject: str
    slot: str
    document_number: str
    signer: Signer | None = None
    proof: str = ""
    organisation: str = ""
    freezing: bool = False
    attesting: bool = False


class AuthorityClient:
    """Timestamps, statements about revocation, certificates and trust anchors, from identity.

    Every method raises DomainError: UNAVAILABLE when identity cannot be reached, otherwise identity's own refusal.
    """

    def __init__(self, access: AuthorityAccess) -> None:
        self._metadata = access.metadata
        self._stub = _stub(access.address)

    def timestamp(self, request_der: bytes) -> bytes:
        """The DER TimeStampResp (RFC 3161)."""
        return bytes(self._call(self._stub.CreateTimestamp, pb.CreateTimestampRequest(request=request_der)).response)

    def revocation(self, certificates: Sequence[bytes]) -> RevocationData:
        """Statements about the certificates as of now."""
        request = pb.GetRevocationDataRequest(certificates=certificates)
        answer = self._call(self._stub.GetRevocationData, request)
        return RevocationData(tuple(answer.ocsp_responses), tuple(answer.revocation_lists))

    def roots(self) -> tuple[bytes, ...]:
        """The trusted roots, DER."""
        return tuple(self._call(self._stub.GetTrustAnchors, pb.GetTrustAnchorsRequest()).certificates)

    def issuer(self, binding: SlotBinding) -> "SlotIssuer":
        """A ``CertificateIssuer`` for one slot."""
        return SlotIssuer(self, binding)

    def certify(self, binding: SlotBinding, request_der: bytes) -> Issued:
        """The chain for a key in the slot. The same subject, slot and key give the same certificate."""
        request = pb.IssueCertificateRequest(
            subject=binding.subject,
            slot=binding.slot,
            document_number=binding.document_number,
            certificate_request=request_der,
            proof=binding.proof,
            organisation=binding.organisation,
            freezing=binding.freezing,
            attesting=binding.attesting,
        )
        if (signer := binding.signer) is not None:
            request.signer.display_name, request.signer.title = signer.name, signer.title
            request.signer.on_behalf_of = signer.on_behalf_of
        return Issued(tuple(self._call(self._stub.IssueCertificate, request).chain))

    def _call(self, method: Callable[..., Any], request: object) -> Any:
        try:
            return method(request, timeout=CALL_SECONDS, metadata=self._metadata)
        except grpc.RpcError as error:
            raise refusal_of(error) from None  # type: ignore[arg-type] # the synchronous error has the same methods


@dataclass(frozen=True, slots=True)
class SlotIssuer:
    """Certificates for one slot of one document and no other."""

    client: AuthorityClient
    binding: SlotBinding

    def issue(self, request_der: bytes) -> Issued:
        return self.client.certify(self.binding, request_der)


@cache
def _stub(address: str) -> Any:
    return IdentityServiceStub(grpc.insecure_channel(address))
