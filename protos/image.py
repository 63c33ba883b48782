"""The protos as a descriptor set, which is what buf can read offline.

The protovalidate wheel carries the descriptors of ``buf/validate/validate.proto`` but no text and no Python module.
Sources that import it cannot be linted or compared by buf offline; a descriptor set can.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2
from protovalidate._gen.buf.validate import validate_pb

PROTOS = Path(__file__).parent
BIN = Path(sys.executable).parent


def protos() -> list[str]:
    """Our proto files, as they import each other."""
    return sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))


def write(image: Path, *options: str) -> None:
    """All protos with everything they import."""
    protoc("--include_imports", *options, f"--descriptor_set_out={image}", *protos())


def protoc(*arguments: str) -> None:
    """Runs the compiler over our protos; ends the program with its code when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        validate = Path(folder) / "validate.binpb"
        validate.write_bytes(_validate_descriptors())
        inputs = ["-I", str(PROTOS), f"--descriptor_set_in={validate}"]
        command = [sys.executable, "-m", "grpc_tools.protoc", *inputs, *arguments]
        done = subprocess.run(command, env={"PATH": f"{BIN}:/usr/bin:/bin"}, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


def buf(verb: str, image: Path, *arguments: str) -> int:
    """Runs buf over a descriptor set with our rules: its code, 0 when it finds nothing."""
    command = [str(BIN / "buf"), verb, f"{image}#format=binpb", "--config", str(PROTOS / "buf.yaml"), *arguments]
    return subprocess.run(command, check=False).returncode


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
