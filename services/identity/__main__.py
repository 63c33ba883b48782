"""``python -m services.identity serve | migrate | check-config | audit | received | first-administrator``"""

from services.common.entry import run
from services.identity.first_administrator import print_code
from services.identity.main import AUDITED, VERSIONS, build
from services.identity.settings import Settings

run("identity", Settings, build, VERSIONS, AUDITED, {"first-administrator": print_code})
