"""Generates ``gen/`` from the protos, and lints them.

The protovalidate wheel carries the descriptors of ``buf/validate/validate.proto`` but no text and no Python module, so
the module is generated from the descriptors. Sources that import it cannot be linted by buf offline; a descriptor set
can.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2
from protovalidate._gen.buf.validate import validate_pb

PROTOS = Path(__file__).parent
BIN = Path(sys.executable).parent


def main() -> None:
    gen = Path(sys.argv[1]) if len(sys.argv) > 1 else PROTOS.parent / "gen"
    files = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    services = [name for name in files if name.endswith("_service.proto")]
    with tempfile.TemporaryDirectory() as folder:
        validate, image = Path(folder) / "validate.binpb", Path(folder) / "image.binpb"
        validate.write_bytes(_validate_descriptors())
        common = ["-I", str(PROTOS), f"--descriptor_set_in={validate}"]
        _protoc([*common, "--include_imports", "--include_source_info", f"--descriptor_set_out={image}", *files])
        _run([BIN / "buf", "lint", f"{image}#format=binpb", "--config", PROTOS / "buf.yaml"])
        shutil.rmtree(gen / "comity", ignore_errors=True)
        shutil.rmtree(gen / "buf", ignore_errors=True)
        gen.mkdir(exist_ok=True)
        _protoc([*common, f"--python_out={gen}", f"--mypy_out=quiet:{gen}", "buf/validate/validate.proto", *files])
        _protoc([*common, f"--grpc_python_out={gen}", f"--mypy_grpc_out=quiet:{gen}", *services])


def _validate_descriptors() -> bytes:
    """The descriptors of validate.proto and what it imports, as a serialized FileDescriptorSet."""
    descriptors = descriptor_pb2.FileDescriptorSet()
    for module in (descriptor_pb2, duration_pb2, timestamp_pb2, field_mask_pb2):
        descriptors.file.add().ParseFromString(module.DESCRIPTOR.serialized_pb)
    descriptors.file.add().ParseFromString(_bytes_of(validate_pb.desc()))
    return descriptors.SerializeToString()


def _bytes_of(descriptor: object) -> bytes:
    proto = descriptor.proto  # type: ignore[attr-defined]
    raw = proto() if callable(proto) else proto
    return raw if isinstance(raw, bytes) else raw.to_binary()


def _protoc(arguments: list[str]) -> None:
    path = f"{BIN}:/usr/bin:/bin"
    _run([sys.executable, "-m", "grpc_tools.protoc", *arguments], {"PATH": path})


def _run(command: list[object], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run([str(part) for part in command], env=environment, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
