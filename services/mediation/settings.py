"""The settings of mediation."""

from services.common.settings import ServiceSettings


class Settings(ServiceSettings):
    """Where its dossiers come from, and how many processes sign."""

    intake_address: str
    """``host:port`` of intake."""
    court_link_address: str
    """``host:port`` of court_link."""
    signing_workers: int = 1
    """Processes that render, freeze and sign."""
