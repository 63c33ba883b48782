"""Between the protos of identity and its commands and aggregates."""

from comity.identity.v1 import identity_service_pb2 as pb

from services.common.convert import Converter
from services.common.rpc.pages import Key
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


def listing(request: pb.ListOrganisationsRequest, after: Key | None, count: int) -> ListOrganisations:
    return CONVERTER.read(ListOrganisations, request, after=after, size=count)


def session(found: Session) -> pb.Session:
    return CONVERTER.write(found, pb.Session)
