"""A certificate that was issued, for one key, in one slot of one subject."""

from dataclasses import dataclass
from uuid import UUID

from services.common.kernel.events import Aggregate
from services.identity.domain.events import CertificateIssued, CertificateSuperseded


@dataclass(slots=True, kw_only=True)
class Certificate(Aggregate):
    """``chain`` is DER, the certificate first, the root last; ``key_digest`` the SHA-256 of its public key."""

    subject: str
    slot: str
    document_number: str
    account: UUID | None
    key_digest: bytes
    fingerprint: bytes
    chain: tuple[bytes, ...]
    current: bool = True

    def issued(self) -> None:
        self.record(
            CertificateIssued(subject=self.subject, slot=self.slot, fingerprint=self.fingerprint, account=self.account)
        )

    def supersede(self) -> None:
        """A new key took the slot: the earlier one was lost before its signature was kept."""
        self.current = False
        self.record(CertificateSuperseded(subject=self.subject, slot=self.slot, fingerprint=self.fingerprint))
