"""``python -m services.mediation serve | migrate | check-config | audit | received``."""

from services.common import entry
from services.mediation.main import AUDITED, VERSIONS, build
from services.mediation.settings import Settings

if __name__ == "__main__":
    entry.run("mediation", Settings, build, VERSIONS, AUDITED)
