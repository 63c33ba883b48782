"""The settings of mediation."""

from pydantic import PositiveInt

from services.common.settings import HostAndPort, ServiceSettings


class Settings(ServiceSettings):
    """Where its dossiers come from, and how many processes sign."""

    intake_address: HostAndPort
    """``host:port`` of intake."""
    court_link_address: HostAndPort
    """``host:port`` of court_link."""
    signing_workers: PositiveInt = 1
    """Processes that render, freeze and sign."""
