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
    sign_in_codes_per_hour: PositiveInt = 5
    sign_in_codes_per_day: PositiveInt = 20
    """Per contact. With five tries each, a day of guessing finds a code in one of ten thousand cases."""
    claim_codes_per_hour: PositiveInt = 5
    signing_codes_per_hour: PositiveInt = 60
