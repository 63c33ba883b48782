"""What the rules of every request let it become: bounded in bytes and parts, and no number without a meaning."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from services.common.rpc.access import rules
from services.common.rpc.fields import MOST_PARTS
from tests.kit.largest import extent

FILES = ("intake.v1.intake", "mediation.v1.mediation", "court_link.v1.court_link", "identity.v1.identity")
OTHERS = ("notify.v1.notify", "common.v1.operations")
ALL_OR_NONE = {
    "ListMattersRequest.state": "all",
    "ListCasesRequest.state": "all",
    "ListApplicationsRequest.state": "all",
    "ListCallBacksRequest.state": "all",
    "ListOrganisationsRequest.kind": "all",
    "CreateReferralRequest.procedure": "the ordinary one, of what is entrusted; none, of what is delegated",
    "PrepareRulingRequest.ground": "none, of an order that grants",
    "PartyParticulars.sex": "not known",
    "PartyParticulars.identity_paper": "not known",
    "PartyParticulars.organisation_form": "not known",
    "StartContactVerificationRequest.confirm_by": "one of the other kind, if there is one",
}
"""Choices that may be left out, and what that means."""
CUT = {"MakeOffer", "ValidateTerms", "DraftAgreement", "ReviseAgreement", "DraftSessionRecord"}
"""Texts that people write: their rules say what one of them may hold, and the method how large all may be together."""


def methods() -> Iterator[MethodDescriptor]:
    for name in (*FILES, *OTHERS):
        module = import_module(f"comity.{name}_service_pb2")
        for service in module.DESCRIPTOR.services_by_name.values():
            yield from service.methods


METHODS = pytest.mark.parametrize("method", list(methods()), ids=lambda method: method.name)


@METHODS
def test_the_largest_message_that_the_rules_allow_fits_its_method(method: MethodDescriptor) -> None:
    largest = extent(method.input_type)
    table = rules([method.containing_service])
    most = table[f"/{method.containing_service.full_name}/{method.name}"].request_bytes
    assert [field for field in largest.endless if field.endswith("[]")] == [], "every list says how long it may be"
    if method.name in CUT:
        assert largest.bytes > most, "no longer cut: take it out of the table"
    else:
        assert largest.bytes <= most
        assert largest.parts <= MOST_PARTS


@METHODS
def test_every_choice_says_what_it_means_to_leave_it_out(method: MethodDescriptor) -> None:
    for field, rule in _choices(method.input_type, ()):
        where = f"{field.containing_type.name}.{field.name}"
        assert (0 in rule.not_in) != (where in ALL_OR_NONE), where
        assert rule.defined_only or where in ALL_OR_NONE, where


def _choices(message: Descriptor, seen: tuple[str, ...]) -> Iterator[tuple[FieldDescriptor, "validate_pb2.EnumRules"]]:
    for field in message.fields:
        rule = field.GetOptions().Extensions[validate_pb2.field]
        if field.enum_type is not None:
            yield field, rule.repeated.items.enum if field.is_repeated else rule.enum
        elif field.message_type is not None and field.message_type.full_name not in seen:
            yield from _choices(field.message_type, (*seen, message.full_name))
