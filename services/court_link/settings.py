"""The settings of court_link."""

from pydantic import PositiveInt

from services.common.settings import HostAndPort, PaperSettings


class Settings(PaperSettings):
    """What court_link needs beside what every service does."""

    mediation_address: HostAndPort
    """``host:port`` of mediation, whose sealed agreements are pulled."""
    materials_of_application: PositiveInt = 40
    """Files that the parties may supply to one application in all."""
    material_bytes_of_application: PositiveInt = 40_000_000
    """Their bytes in all."""
    materials_of_account_a_day: PositiveInt = 40
    """Files that one account may supply in 24 hours, to whatever applications."""
    material_bytes_of_account_a_day: PositiveInt = 60_000_000
    """Their bytes in all."""
