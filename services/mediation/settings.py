"""The settings of mediation."""

from services.common.settings import HostAndPort, PaperSettings


class Settings(PaperSettings):
    """Where its dossiers come from."""

    intake_address: HostAndPort
    """``host:port`` of intake."""
    court_link_address: HostAndPort
    """``host:port`` of court_link."""
