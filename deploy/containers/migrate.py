"""``python -m deploy.containers.migrate FOLDER``: every service's migrations, side by side, each as its database's owner.

FOLDER holds one file per service, the owner's URL; what has an ending is no service's. The exit code is 0 when every
schema is current.
"""

import asyncio
import os
import sys
from pathlib import Path

from deploy.local.environment import inherited


async def migrate(folder: Path) -> list[str]:
    """The services whose migration failed; what each said went to standard error."""
    names = sorted(path.name for path in folder.iterdir() if "." not in path.name)
    codes = await asyncio.gather(*(_one(name, (folder / name).read_text(encoding="utf-8")) for name in names))
    return [name for name, code in zip(names, codes, strict=True) if code != 0]


async def _one(service: str, owner_url: str) -> int:
    environment = inherited(os.environ) | {"COMITY_OWNER_DATABASE_URL": owner_url}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"services.{service}", "migrate", env=environment
    )
    code = await child.wait()
    print(f"{service}: {'migrated' if code == 0 else 'migration failed'}", flush=True)
    return code


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m deploy.containers.migrate FOLDER")
    if failed := asyncio.run(migrate(Path(sys.argv[1]))):
        raise SystemExit(f"not migrated: {', '.join(failed)}")


if __name__ == "__main__":
    main()
