"""Settings of intake."""

from pydantic import PositiveInt

from services.common.settings import ServiceSettings


class Settings(ServiceSettings):
    """What intake needs beside what every service does."""

    filings_per_person_and_day: PositiveInt = 20
    """Matters that one account files for itself within a day in Beijing."""
    filings_per_officer_and_day: PositiveInt = 2000
    """Matters that one officer files for others."""
    imports_per_officer_and_day: PositiveInt = 20000
    """Rows of other registers that one officer imports."""
