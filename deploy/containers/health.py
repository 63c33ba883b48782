"""``python -m deploy.containers.health``: exit code 0 while the service in this container says SERVING (gRPC health)."""

import asyncio
import os

from deploy.local.probes import serves


def main() -> None:
    port = os.environ.get("COMITY_LISTEN", "").rpartition(":")[2]
    if not port.isdigit():
        raise SystemExit("COMITY_LISTEN names no port")
    if not asyncio.run(serves(int(port))):
        raise SystemExit("not serving")


if __name__ == "__main__":
    main()
