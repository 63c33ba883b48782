"""The settings of identity."""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, PositiveInt
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from services.common.settings import HostAndPort, ServiceSettings, shaped


def _from_json(given: Any) -> Any:
    """Of our own: what pydantic-settings cannot decode ends in a traceback."""
    try:
        return json.loads(given) if isinstance(given, str) else given
    except ValueError:
        raise PydanticCustomError("shape", "this is expected: JSON, service to digest") from None


def _is_digest(value: str) -> bool:
    return len(bytes.fromhex(value)) == _DIGEST_BYTES


_DIGEST_BYTES = 32
Digest = Annotated[str, shaped("a SHA-256 in hexadecimal", _is_digest)]


class Settings(ServiceSettings):
    """What identity needs beside what every service does."""

    notify_address: HostAndPort
    """``host:port`` of notify, which hands codes to mail and short messages."""
    service_secret_digests: Annotated[dict[str, Digest], NoDecode, BeforeValidator(_from_json)]
    """JSON: service to the SHA-256 of its secret, in hexadecimal."""
    authority_name: str = "Comity"
    """The organisation that certificates name as their issuer; read at the first start only."""
    token_key_days: PositiveInt = 30
    """How long a key signs tokens before the next takes over."""
    invitation_days: PositiveInt = 30
    """How long an invitation can be claimed."""
    codes_per_address_and_ten_minutes: PositiveInt = 120
    """Sign-in codes sent for strangers at one network address (IPv6: one /64). More where many share one: behind a portal
    or a proxy it is everybody."""
    codes_per_house_and_minute: PositiveInt = 1200
    """Codes sent for all strangers together, and to contacts that are not verified yet."""
    codes_per_device_and_hour: PositiveInt = 30
    """Sign-in codes for one device that its account is known to use."""
    code_asks_per_contact_and_hour: PositiveInt = 120
    """How often one asker may ask for one contact, a code being sent or not."""
    claim_codes_per_hour: PositiveInt = 10
    """Codes that one account has sent to contacts that are not its own yet: invitations, further contacts."""
    signing_codes_per_hour: PositiveInt = 60
    """Codes that one account has sent to its own contact."""
