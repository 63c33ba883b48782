"""Between the protos of identity and its commands and aggregates."""

from typing import Any
from uuid import UUID

from comity.identity.v1 import identity_service_pb2 as pb

from services.common.convert import Converter
from services.common.kernel.errors import DomainError, invalid
from services.common.rpc.pages import decode_token, encode_token, page_size
from services.identity.application.organisations import ListOrganisations
from services.identity.application.ports import AccessToken
from services.identity.domain.account import Account
from services.identity.domain.challenge import Challenge
from services.identity.domain.organisation import Organisation
from services.identity.domain.session import Session

CONVERTER = Converter(
    {
        "account": "accounts",
        "administrator": "accounts",
        "organisation": "organisations",
        "invitation": "invitations",
        "challenge": "challenges",
        "confirming_challenge": "challenges",
        "session": "signIns",
    },
    {
        "Account": "accounts",
        "Organisation": "organisations",
        "Invitation": "invitations",
        "Challenge": "challenges",
        "Session": "signIns",
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
        raise _not_our_token()
    return position


def _not_our_token() -> DomainError:
    return invalid("MALFORMED_PAGE_TOKEN", "分页标记无效", "this page token is not ours", field="page_token")


def page(found: tuple[Organisation, ...], size: int) -> pb.ListOrganisationsResponse:
    response = pb.ListOrganisationsResponse(organisations=[organisation(each) for each in found[: size - 1]])
    if len(found) == size:
        last = found[size - 2]
        response.next_page_token = encode_token(last.display_name, str(last.id))
    return response


def session_before(request: pb.ListSessionsRequest) -> UUID | None:
    """Raises MALFORMED_PAGE_TOKEN."""
    key = decode_token(request.page_token, 1)
    try:
        return None if key is None else UUID(str(key[0]))
    except ValueError:
        raise _not_our_token() from None


def sessions(found: list[Session], size: int) -> pb.ListSessionsResponse:
    response = pb.ListSessionsResponse(sessions=[CONVERTER.write(each, pb.Session) for each in found[:size]])
    if len(found) > size:
        response.next_page_token = encode_token(str(found[size - 1].id))
    return response
