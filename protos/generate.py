"""Generates ``gen/`` from the protos, and lints them."""

import shutil
import sys
import tempfile
from pathlib import Path

import image


def main() -> None:
    gen = Path(sys.argv[1]) if len(sys.argv) > 1 else image.PROTOS.parent / "gen"
    _lint()
    files = image.protos()
    services = [name for name in files if name.endswith("_service.proto")]
    shutil.rmtree(gen / "comity", ignore_errors=True)
    shutil.rmtree(gen / "buf", ignore_errors=True)
    gen.mkdir(exist_ok=True)
    image.protoc(f"--python_out={gen}", f"--mypy_out=quiet:{gen}", "buf/validate/validate.proto", *files)
    image.protoc(f"--grpc_python_out={gen}", f"--mypy_grpc_out=quiet:{gen}", *services)


def _lint() -> None:
    with tempfile.TemporaryDirectory() as folder:
        described = Path(folder) / "image.binpb"
        image.write(described, "--include_source_info")
        if code := image.buf("lint", described):
            raise SystemExit(code)


if __name__ == "__main__":
    main()
