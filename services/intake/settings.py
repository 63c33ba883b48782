"""Settings of intake."""

from services.common.settings import ServiceSettings


class Settings(ServiceSettings):
    """Intake needs nothing beyond what every service needs."""
