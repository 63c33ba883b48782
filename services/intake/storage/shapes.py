"""What intake keeps as JSON. ``make shapes`` records its shape in ``shapes.json``."""

from services.common.kernel.particulars import PartyDetails
from services.common.storage.shapes import renew

KEPT: tuple[type, ...] = (PartyDetails,)

if __name__ == "__main__":
    renew("intake", KEPT)
