"""``python -m services.mediation serve | migrate | check-config``."""

from services.common import entry
from services.mediation.main import VERSIONS, build
from services.mediation.settings import Settings

if __name__ == "__main__":
    entry.run("mediation", Settings, build, VERSIONS)
