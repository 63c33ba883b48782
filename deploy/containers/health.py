"""``python -m deploy.containers.health``: exit code 0 while the service in this container says SERVING (gRPC health).

Else it says which part the service waits for, and what to do about it.
"""

import asyncio
import os

from deploy.local.probes import trouble


def ask(port: int) -> None:
    """Raises SystemExit with what the service on the port says is wrong."""
    if (said := asyncio.run(trouble(port))) is not None:
        raise SystemExit(f"not serving: {said}")


def main() -> None:
    port = os.environ.get("COMITY_LISTEN", "").rpartition(":")[2]
    if not port.isdigit():
        raise SystemExit("COMITY_LISTEN names no port")
    ask(int(port))


if __name__ == "__main__":
    main()
