"""``python -m services.notify serve | migrate | check-config | audit | received``."""

from services.common import entry
from services.notify.main import AUDITED, VERSIONS, build
from services.notify.settings import Settings

if __name__ == "__main__":
    entry.run("notify", Settings, build, VERSIONS, AUDITED)
