"""What signing needs from outside: certificates, time stamps, statements about revocation.

The methods are synchronous because they are called inside worker processes; adapters over gRPC come from the services.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate chain in DER: the signer's first, the root last or left out."""

    chain: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RevocationData:
    """Statements about revocation in DER: OCSP responses (RFC 6960) and revocation lists (RFC 5280)."""

    ocsp_responses: tuple[bytes, ...] = ()
    revocation_lists: tuple[bytes, ...] = ()


class CertificateIssuer(Protocol):
    """Bound to one slot of one document: whoever gives the request gets a certificate for that slot only."""

    def issue(self, request_der: bytes) -> Issued:
        """The chain for the key of a PKCS #10 request. The same round and signer get the same names again."""
        ...


class TimestampSource(Protocol):
    def timestamp(self, request_der: bytes) -> bytes:
        """The DER TimeStampResp (RFC 3161) to a DER TimeStampReq. OSError when the authority cannot be reached."""
        ...


class RevocationSource(Protocol):
    def revocation(self, certificates: Sequence[bytes]) -> RevocationData:
        """Current statements about every one of the certificates (DER, no roots). OSError when they cannot be had.

        Both an OCSP response for each certificate that is no authority's and the list of each authority: pyHanko looks
        only at lists while a certificate is young and only at responses when it judges the past.
        """
        ...
