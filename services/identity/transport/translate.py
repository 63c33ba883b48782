"""Between the protos of identity and its commands and aggregates."""

from typing import Any
from uuid import UUID

from comity.identity.v1 import identity_service_pb2 as pb

from services.common.convert import Converter
from services.common.kernel.errors import invalid
from services.common.rpc.pages import decode_token, encode_token, page_size
from services.identity.application.organisations import ListOrganisations
from services.identity.application.ports import AccessToken
from services.identity.domain.account import Account
from services.identity.domain.challenge import Challenge
from services.identity.domain.organisation import Organisation

CONVERTER = Converter(
    {
        "account": "accounts",
        "administrator": "accounts",
        "organisation": "organisations",
        "invitation": "invitations",
        "challenge": "challenges",
        "confirming_challenge": "challenges",
        "session": "sessions",
    },
    {
        "Account": "accounts",
        "Organisation": "organisations",
        "Invitation": "invitations",
        "Challenge": "challenges",
        "Session": "sessions",
    },
)


def account(value: Account) -> pb.Account:
    return CONVERTER.write(value, pb.Account)


def organisation(value: Organisation) -> pb.Organisation:
    return CONVERTER.write(value, pb.Organisation)


def challenge(value: Challenge) -> pb.Challenge:
    return CONVERTER.write(value, pb.Challenge)


def access_token(value: AccessToken) -> pb.AccessToken:
    return CONVERTER.write(value, pb.AccessToken)


def listing(request: pb.ListOrganisationsRequest) -> ListOrganisations:
    """One more than the page is asked for, to know whether there is a next one."""
    after = _position(decode_token(request.page_token, 2))
    return CONVERTER.read(
        ListOrganisations,
        request,
        after=after,
        size=page_size(request.page_size) + 1,
    )


def _position(key: tuple[Any, ...] | None) -> tuple[str, UUID] | None:
    try:
        position = None if key is None else (str(key[0]), UUID(str(key[1])))
    except ValueError:
        position = ("\x00", UUID(int=0))
    if position is not None and not position[0].isprintable():
        raise invalid("MALFORMED_PAGE_TOKEN", "分页标记无效", "this page token is not ours", field="page_token")
    return position


def page(found: tuple[Organisation, ...], size: int) -> pb.ListOrganisationsResponse:
    response = pb.ListOrganisationsResponse(organisations=[organisation(each) for each in found[: size - 1]])
    if len(found) == size:
        last = found[size - 2]
        response.next_page_token = encode_token(last.display_name, str(last.id))
    return response
