"""Where the services of a suite are, and a stub for each."""

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity.court_link.v1.court_link_service_pb2_grpc import CourtLinkServiceStub
from comity.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from comity.intake.v1.intake_service_pb2_grpc import IntakeServiceStub
from comity.mediation.v1.mediation_service_pb2_grpc import MediationServiceStub
from comity.notify.v1.notify_service_pb2_grpc import NotifyServiceStub

from services.common.rpc.client import open_channel

_STUBS = {
    "identity": IdentityServiceStub,
    "intake": IntakeServiceStub,
    "mediation": MediationServiceStub,
    "court_link": CourtLinkServiceStub,
    "notify": NotifyServiceStub,
}


@dataclass(frozen=True, slots=True)
class Services:
    """One stub per service of a suite."""

    identity: Any
    intake: Any
    mediation: Any
    court_link: Any
    notify: Any


async def connect(addresses: Mapping[str, str], resources: AsyncExitStack) -> Services:
    """Stubs over one channel per service (``host:port`` each); ``resources`` closes them."""
    stubs = {
        name: stub(await resources.enter_async_context(open_channel(addresses[name]))) for name, stub in _STUBS.items()
    }
    return Services(**stubs)


def parse_addresses(given: tuple[str, ...]) -> dict[str, str]:
    """``identity=127.0.0.1:7001`` and so on, one for each service. Raises ValueError naming those that are missing."""
    addresses = dict(each.split("=", 1) for each in given if "=" in each)
    missing = sorted(_STUBS.keys() - addresses.keys())
    if missing:
        raise ValueError(f"no address for {', '.join(missing)}: give --address NAME=HOST:PORT for each service")
    return addresses


def read_addresses(file: Path) -> dict[str, str]:
    """The addresses that ``comity up`` wrote beside its data."""
    loaded: dict[str, str] = json.loads(file.read_text())
    return loaded
