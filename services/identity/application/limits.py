"""Who asks for codes, and how many each may have sent. Never counted is the contact alone: its owner would be locked out
by whoever asks for it."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.common.kernel.contacts import Contact
from services.identity.domain.limits import Bucket, Rate

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Sendings by who asks, and how often one asks for one contact."""

    asks_per_contact: Rate
    per_peer: Rate
    per_device: Rate
    per_house: Rate
    claims_per_account: Rate
    signing_per_account: Rate

    @classmethod
    def of(
        cls,
        *,
        asks_per_contact_and_hour: int,
        per_address_and_ten_minutes: int,
        per_device_and_hour: int,
        per_house_and_minute: int,
        claims_per_hour: int,
        signing_per_hour: int,
    ) -> "Limits":
        return cls(
            asks_per_contact=Rate(asks_per_contact_and_hour, _HOUR),
            per_peer=Rate(per_address_and_ten_minutes, 10 * _MINUTE),
            per_device=Rate(per_device_and_hour, _HOUR),
            per_house=Rate(per_house_and_minute, _MINUTE),
            claims_per_account=Rate(claims_per_hour, _HOUR),
            signing_per_account=Rate(signing_per_hour, _HOUR),
        )


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. ``lane``: askers of one lane share the codes that are on their way; ``sendings`` are the buckets that a
    sending is taken from."""

    name: str
    lane: str
    asks: Rate
    sendings: tuple[Bucket, ...]

    def asking_for(self, contact: Contact) -> Bucket:
        return Bucket(f"asks {self.name} {contact.counted}", self.asks)


def stranger(limits: Limits, peer: str) -> Asker:
    """Somebody who is not signed in, known by the network address alone."""
    sendings = (Bucket(f"sendings peer {peer}", limits.per_peer), Bucket("sendings house", limits.per_house))
    return Asker(f"peer {peer}", "stranger", limits.asks_per_contact, sendings)


def known_device(limits: Limits, device: str) -> Asker:
    """A device that its account signed in from before: what strangers ask for is not its concern."""
    name = f"device {device}"
    return Asker(name, name, limits.asks_per_contact, (Bucket(f"sendings {name}", limits.per_device),))


def claiming(limits: Limits, account: UUID) -> Asker:
    """Somebody signed in who has codes sent to contacts that are not its own yet."""
    house = Bucket("sendings house", limits.per_house)
    mine = Bucket(f"claims account {account}", limits.claims_per_account)
    return Asker(f"account {account}", f"account {account}", limits.asks_per_contact, (mine, house))


def signing(limits: Limits, account: UUID) -> Asker:
    """Somebody signed in who has codes sent to the own contact."""
    mine = Bucket(f"signing account {account}", limits.signing_per_account)
    return Asker(f"account {account}", f"account {account}", limits.signing_per_account, (mine,))
