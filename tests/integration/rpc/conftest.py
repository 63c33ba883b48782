"""One real service, and all of them, behind their real servers."""

from tests.integration.intake.conftest import intake
from tests.scenarios.conftest import town

__all__ = ["intake", "town"]
