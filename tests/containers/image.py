"""Which image of Comity is tested."""

import os

COMITY_IMAGE = os.environ.get("COMITY_IMAGE", "comity/comity:latest")
