"""The settings of court_link."""

from pydantic import PositiveInt

from services.common.settings import HostAndPort, ServiceSettings


class Settings(ServiceSettings):
    """What court_link needs beside what every service does."""

    mediation_address: HostAndPort
    """``host:port`` of mediation, whose sealed agreements are pulled."""
    signing_workers: PositiveInt = 1
    """Processes that render, sign and verify."""
