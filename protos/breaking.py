"""Compares the protos with the ones last released (``baseline.binpb``), by buf's rules for generated code (FILE).

Before version 1.0 the differences are told and nothing fails; from 1.0 on one of them fails. Only a release moves the
baseline: ``make proto-baseline``.
"""

import sys
import tempfile
import tomllib
from pathlib import Path

import image

BASELINE = image.PROTOS / "baseline.binpb"
PROJECT = image.PROTOS.parent / "pyproject.toml"


def main() -> None:
    if sys.argv[1:] == ["--move"]:
        image.write(BASELINE)
    else:
        _compare()


def _compare() -> None:
    with tempfile.TemporaryDirectory() as folder:
        described = Path(folder) / "image.binpb"
        image.write(described, "--include_source_info")
        code = image.buf("breaking", described, "--against", f"{BASELINE}#format=binpb")
    if code == 0:
        return
    if code == _DIFFERS and _before_the_first_release():
        sys.stderr.write("The protos break what was there before. Allowed until 1.0; say it in CHANGELOG.md.\n")
        return
    raise SystemExit(code)


_DIFFERS = 100
"""What buf ends with when it has run and found something."""


def _before_the_first_release() -> bool:
    version = str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])
    return version.partition(".")[0] == "0"


if __name__ == "__main__":
    main()
