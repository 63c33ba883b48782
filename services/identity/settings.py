"""The settings of identity."""

from services.common.settings import ServiceSettings


class Settings(ServiceSettings):
    """What identity needs beside what every service does."""

    notify_address: str
    """``host:port`` of notify, which hands codes to mail and short messages."""
    service_secret_digests: dict[str, str]
    """JSON: service to the SHA-256 of its secret, in hexadecimal."""
    authority_name: str = "Comity"
    """The organisation that certificates name as their issuer; read at the first start only."""
    token_key_days: int = 30
    """How long a key signs tokens before the next takes over."""
    invitation_days: int = 30
    """How long an invitation can be claimed."""
    sign_in_codes_per_hour: int = 5
    sign_in_codes_per_day: int = 20
    """Per contact. With five tries each, a day of guessing finds a code in one of ten thousand cases."""
    claim_codes_per_hour: int = 5
    signing_codes_per_hour: int = 60
