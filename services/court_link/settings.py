"""The settings of court_link."""

from services.common.settings import ServiceSettings


class Settings(ServiceSettings):
    """What court_link needs beside what every service does."""

    mediation_address: str
    """``host:port`` of mediation, whose sealed agreements are pulled."""
    signing_workers: int = 1
    """Processes that render, sign and verify."""
