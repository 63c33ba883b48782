"""Prints docs/access.md: who may call which method and how large a request may be, read from what the servers enforce."""

import sys

from comity.common.v1 import access_pb2, operations_service_pb2
from comity.court_link.v1 import court_link_service_pb2
from comity.identity.v1 import identity_service_pb2
from comity.intake.v1 import intake_service_pb2
from comity.mediation.v1 import mediation_service_pb2
from comity.notify.v1 import notify_service_pb2
from google.protobuf.descriptor import MethodDescriptor

_MODULES = (
    intake_service_pb2,
    mediation_service_pb2,
    court_link_service_pb2,
    identity_service_pb2,
    notify_service_pb2,
    operations_service_pb2,
)


def main() -> None:
    lines = [
        "# Who may call what",
        "",
        "Made from the protos by `make access`; the servers enforce the same option and start with no method without one.",
        "*person* is anybody signed in: which objects a person reaches is decided for each object, and what is not",
        "the caller's answers as if it did not exist. A request has at most 64 KiB (8 KiB where *anyone* may call) unless",
        "the last column says more.",
    ]
    for module in _MODULES:
        for service in module.DESCRIPTOR.services_by_name.values():
            lines += [
                "",
                f"## {service.full_name}",
                "",
                "| method | persons | services | request |",
                "|---|---|---|---|",
            ]
            lines += [_row(method) for method in service.methods]
    sys.stdout.write("\n".join(lines) + "\n")


def _row(method: MethodDescriptor) -> str:
    access = method.GetOptions().Extensions[access_pb2.access]
    names = [access_pb2.Caller.Name(each).removeprefix("CALLER_").lower().replace("_", " ") for each in access.callers]
    size = method.GetOptions().Extensions[access_pb2.max_request_bytes] // 1024
    callers = f"{', '.join(names) or '–'} | {', '.join(access.services) or '–'}"
    return f"| {method.name} | {callers} | {f'{size:,} KiB' if size else ''} |"


if __name__ == "__main__":
    main()
