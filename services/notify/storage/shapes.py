"""What notify keeps as JSON. ``make shapes`` records its shape in ``shapes.json``."""

from services.common.storage.shapes import renew
from services.notify.domain.values import Attempt

KEPT: tuple[type, ...] = (Attempt,)

if __name__ == "__main__":
    renew("notify", KEPT)
