"""``python -m services.intake serve | migrate | check-config | audit | received``."""

from services.common import entry
from services.intake.main import AUDITED, VERSIONS, build
from services.intake.settings import Settings

if __name__ == "__main__":
    entry.run("intake", Settings, build, VERSIONS, AUDITED)
