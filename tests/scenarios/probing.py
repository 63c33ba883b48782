"""Every method of every service, from the descriptors, and what it answers to whoever asks."""

from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc
from comity.common.v1 import operations_service_pb2
from comity.court_link.v1 import court_link_service_pb2
from comity.identity.v1 import identity_service_pb2
from comity.intake.v1 import intake_service_pb2
from comity.mediation.v1 import mediation_service_pb2
from comity.notify.v1 import notify_service_pb2
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from services.common.kernel.errors import DomainError
from services.common.rpc.client import answered, open_channel
from services.common.rpc.errors import refusal_of
from tests.kit.suite import SERVICES, SuiteInProcess
from tests.scenarios.requests import request_for

_SECONDS = 20.0
_FILES = {
    "identity": identity_service_pb2,
    "notify": notify_service_pb2,
    "intake": intake_service_pb2,
    "mediation": mediation_service_pb2,
    "court_link": court_link_service_pb2,
}

MATTERS, CASES, SESSIONS, RECORDS = ("matters",), ("cases",), ("sessions",), ("sessionRecords",)
OFFERS, AGREEMENTS, ROUNDS, APPLICATIONS = ("offers",), ("agreements",), ("signingRounds",), ("applications",)
NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "IdentityService": {
        "GetAccount": ("accounts",),
        "GetOrganisation": ("organisations",),
        "ChangeOrganisationTelephone": ("organisations",),
    },
    "NotifyService": {
        "CompleteManualTask": ("manualTasks",),
        "GetCallBack": ("callBacks",),
        "RecordCallBackAttempt": ("callBacks",),
    },
    "IntakeService": dict.fromkeys(
        (
            "GetMatter",
            "TriageMatter",
            "AcceptMatter",
            "DeclineMatter",
            "AssignMatter",
            "RecordContact",
            "InviteParty",
            "RecordConsent",
            "ForwardMatter",
            "EndWithoutMediation",
            "WithdrawMatter",
            "ReportPressure",
            "CloseMatter",
        ),
        MATTERS,
    ),
    "MediationService": {
        **dict.fromkeys(
            (
                "GetCase",
                "AcceptReferral",
                "DeclineReferral",
                "ConsentToMediation",
                "AppointMediator",
                "DiscloseConflict",
                "WaiveConflict",
                "ChallengeMediator",
                "DecideChallenge",
                "AppointRepresentative",
                "GetCaseNotice",
                "AcknowledgeNotice",
                "OpenCase",
                "SuspendCase",
                "ResumeCase",
                "ConsentToExtension",
                "ConsentToReopening",
                "TerminateCase",
                "LeaveMediation",
                "ReportPressure",
            ),
            CASES,
        ),
        **dict.fromkeys(
            (
                "RescheduleSession",
                "CancelSession",
                "WaiveNotice",
                "CheckIn",
                "StartSession",
                "EndSession",
                "GetSession",
            ),
            SESSIONS,
        ),
        **dict.fromkeys(("ConfirmSessionRecord", "GetSessionRecord"), RECORDS),
        "ReleaseItem": ("items",),
        **dict.fromkeys(("RespondToOffer", "RevokeOffer", "GetOffer"), OFFERS),
        **dict.fromkeys(("ReviseAgreement", "FreezeAgreement", "GetAgreement"), AGREEMENTS),
        **dict.fromkeys(("GetSigningRound", "SignAgreement", "RefuseToSign", "SealAgreement"), ROUNDS),
    },
    "CourtLinkService": {
        "GetReferral": ("referrals",),
        **dict.fromkeys(
            (
                "ConsentToApplication",
                "GetApplication",
                "WithdrawApplication",
                "SupplyMaterial",
                "ReportPressure",
                "AcceptApplication",
                "DeclineApplication",
                "RequireSupplement",
                "DeemWithdrawn",
                "HoldInquiry",
                "ExtendReview",
                "PrepareRuling",
            ),
            APPLICATIONS,
        ),
        **dict.fromkeys(("IssueRuling", "GetRuling"), ("rulings",)),
        "DownloadDocument": ("applications", "rulings"),
    },
    "OperationsService": {
        **dict.fromkeys(("ReplayDeadLetter", "ReleaseDeadLetter"), ("deadLetters",)),
        **dict.fromkeys(("RetryJob", "ReleaseJob"), ("jobs",)),
    },
}
"""What the ``name`` of a method's request names."""


@dataclass(frozen=True, slots=True)
class Method:
    """One method at the service that serves it."""

    server: str
    descriptor: MethodDescriptor
    collection: str = ""

    def __str__(self) -> str:
        about = f" of {self.collection}" if self.collection else ""
        return f"{self.server} {self.descriptor.name}{about}"

    @property
    def label(self) -> str:
        """``MediationService.GetCase``"""
        return f"{self.descriptor.containing_service.name}.{self.descriptor.name}"

    @property
    def path(self) -> str:
        return f"/{self.descriptor.containing_service.full_name}/{self.descriptor.name}"

    @property
    def lists(self) -> bool:
        return self.descriptor.name.startswith("List")

    def request(self, ids: Mapping[str, str]) -> Any:
        """A well-formed request about these ids; a list asks for everything that it could show."""
        request = request_for(self.descriptor, self.collection, ids)
        if self.lists:
            request.page_size = 200
            for field in self.descriptor.input_type.fields:
                if field.enum_type is not None:
                    request.ClearField(field.name)
        return request


def methods() -> Iterator[Method]:
    """All of them; once for each kind of thing that its ``name`` may be. A method missing in ``NAMES`` is an error."""
    for server in SERVICES:
        for file in (_FILES[server], operations_service_pb2):
            for service in file.DESCRIPTOR.services_by_name.values():
                for descriptor in service.methods:
                    for collection in _collections(descriptor):
                        yield Method(server, descriptor, collection)


def _collections(descriptor: MethodDescriptor) -> tuple[str, ...]:
    if "name" not in descriptor.input_type.fields_by_name:
        return ("",)
    return NAMES[descriptor.containing_service.name][descriptor.name]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a refusal, or messages."""

    refusal: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()

    @property
    def refused(self) -> bool:
        return bool(self.refusal)

    @property
    def text(self) -> str:
        return " ".join(map(str, self.messages))


class Probe:
    """Calls any method under any token."""

    def __init__(self, channels: Mapping[str, Any]) -> None:
        self._channels = channels

    @classmethod
    async def at(cls, suite: SuiteInProcess, resources: AsyncExitStack) -> "Probe":
        return cls(
            {name: await resources.enter_async_context(open_channel(suite.settings[name].listen)) for name in SERVICES}
        )

    async def ask(self, method: Method, request: Message, metadata: Any) -> Answer:
        """The answer, or the refusal with everything that it says."""
        channel, descriptor = self._channels[method.server], method.descriptor
        kinds = {
            "request_serializer": type(request).SerializeToString,
            "response_deserializer": GetMessageClass(descriptor.output_type).FromString,
        }
        try:
            if descriptor.server_streaming:
                stream = channel.unary_stream(method.path, **kinds)(request, metadata=metadata, timeout=_SECONDS)
                return Answer(messages=tuple([each async for each in _refusing(stream)]))
            call = channel.unary_unary(method.path, **kinds)(request, metadata=metadata, timeout=_SECONDS)
            return Answer(messages=(await answered(call),))
        except DomainError as error:
            return Answer(
                refusal=(
                    error.kind.name,
                    error.reason,
                    error.zh,
                    error.en,
                    error.field,
                    str(sorted(error.metadata.items())),
                )
            )


async def _refusing(stream: Any) -> Any:
    try:
        async for each in stream:
            yield each
    except grpc.aio.AioRpcError as error:
        raise refusal_of(error) from error


def absent(ids: Mapping[str, str]) -> dict[str, str]:
    """Names of nothing, one for each of these."""
    return {collection: f"{collection}/{uuid4()}" for collection in ids}
