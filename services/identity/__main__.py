"""``python -m services.identity serve | migrate | check-config | first-administrator``"""

from services.common.entry import run
from services.identity.first_administrator import print_code
from services.identity.main import VERSIONS, build
from services.identity.settings import Settings

run("identity", Settings, build, VERSIONS, {"first-administrator": print_code})
