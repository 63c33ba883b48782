"""``python -m services.court_link serve | migrate | check-config | audit | received``"""

from services.common.entry import run
from services.court_link.main import AUDITED, VERSIONS, build
from services.court_link.settings import Settings

# Worker processes import this module again under another name.
if __name__ == "__main__":
    run("court_link", Settings, build, VERSIONS, AUDITED)
