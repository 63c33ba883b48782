"""The gRPC face of identity: translate, call, translate."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from comity.identity.v1 import identity_service_pb2 as pb
from comity.identity.v1 import identity_service_pb2_grpc as pbg
from google.protobuf.message import Message

from services.common.kernel.identity_numbers import normal_identity_number
from services.common.kernel.ids import parse_name
from services.common.kernel.names import normal_name
from services.common.rpc.client import chunks
from services.common.rpc.gate import current_principal
from services.common.rpc.handle import Calls
from services.common.rpc.pages import Key, Paging
from services.common.storage.revocations import RevocationLoop
from services.identity.application import (
    certificates,
    change_contact,
    invitations,
    organisations,
    proofs,
    roles,
    sessions,
    sign_in,
)
from services.identity.application.codes import Codes, Outcome
from services.identity.application.first_administrator import ClaimFirstAdministrator, claim_first_administrator
from services.identity.application.get_account import get_account, seen_by_administrator
from services.identity.application.ports import Authority
from services.identity.credentials.key_ring import KeyRing
from services.identity.credentials.service_secrets import ServiceSecrets
from services.identity.credentials.tokens import TokenSigner
from services.identity.domain import errors
from services.identity.domain.account import Account
from services.identity.domain.challenge import Challenge, Purpose
from services.identity.domain.invitation import Invitation
from services.identity.domain.organisation import Organisation
from services.identity.domain.session import Session
from services.identity.storage.transaction import IdentityTransaction
from services.identity.transport import translate
from services.identity.transport.code_flow import CodeFlow
from services.identity.transport.peer import place_of
from services.identity.transport.translate import CONVERTER

Tx = IdentityTransaction
C = TypeVar("C")
R = TypeVar("R")
M = TypeVar("M", bound=Message)
_ORGANISATIONS = Paging("organisations", (str, UUID), lambda each: (each.display_name, each.id))
_SESSIONS = Paging("sessions", (UUID,), lambda each: (each.id,))


class IdentityServicer(pbg.IdentityServiceServicer):
    """Serves ``IdentityService``.

    What carries no request id is run by ``Calls.read``, which commits like every transaction: such a call is repeatable
    because of what it does (a challenge is consumed once, a certificate is kept by its key).
    """

    def __init__(
        self,
        *,
        calls: Calls[IdentityTransaction],
        codes: Codes,
        flow: CodeFlow,
        signer: TokenSigner,
        ring: KeyRing,
        authority: Authority,
        secrets: ServiceSecrets,
        revocations: RevocationLoop,
        invitation_lifetime: timedelta,
        require_printable: Callable[[str, str], str],
    ) -> None:
        self._calls = calls
        self._codes = codes
        self._flow = flow
        self._revocations = revocations
        self._signer = signer
        self._ring = ring
        self._authority = authority
        self._secrets = secrets
        self._invitation_lifetime = invitation_lifetime
        self._require_printable = require_printable

    async def GetJsonWebKeySet(self, request: pb.GetJsonWebKeySetRequest, context: Any) -> pb.GetJsonWebKeySetResponse:
        return pb.GetJsonWebKeySetResponse(key_set=await self._ring.key_set())

    async def GetTrustAnchors(self, request: pb.GetTrustAnchorsRequest, context: Any) -> pb.GetTrustAnchorsResponse:
        return pb.GetTrustAnchorsResponse(certificates=self._authority.trust_anchors)

    async def ClaimFirstAdministrator(
        self, request: pb.ClaimFirstAdministratorRequest, context: Any
    ) -> pb.ClaimFirstAdministratorResponse:
        command = CONVERTER.read(
            ClaimFirstAdministrator,
            request,
            display_name=self._name(request, "display_name"),
            organisation_display_name=self._name(request, "organisation_display_name"),
        )
        response = pb.ClaimFirstAdministratorResponse
        return await self._calls.write(
            request,
            command,
            claim_first_administrator,
            lambda made: response(account=translate.account(made[0]), organisation=translate.organisation(made[1])),
            response,
        )

    async def StartSignIn(self, request: pb.StartSignInRequest, context: Any) -> pb.StartSignInResponse:
        command = CONVERTER.read(sign_in.StartSignIn, request, peer=place_of(context.peer()))
        if request.device:  # Whose buckets those are the database knows.
            return await self._flow.ask(request, command, sign_in.start_sign_in, pb.StartSignInResponse)
        asker = f"{command.peer} {request.contact}"
        return await self._flow.ask_unknown(asker, request, command, sign_in.start_sign_in, pb.StartSignInResponse)

    async def CompleteSignIn(self, request: pb.CompleteSignInRequest, context: Any) -> pb.CompleteSignInResponse:
        profile = self._profile(request.profile) if request.HasField("profile") else None
        challenge = await self._checked(request, Purpose.SIGN_IN)
        command = sign_in.CompleteSignIn(challenge=challenge, profile=profile, device=request.device)
        signed_in = await self._calls.read(lambda tx: sign_in.complete_sign_in(tx, self._codes.keeper, command))
        token = self._signer.for_person(signed_in.account, signed_in.session.id)
        return pb.CompleteSignInResponse(
            access_token=translate.access_token(token),
            account=translate.account(signed_in.account),
            device=signed_in.device,
        )

    async def RenewAccessToken(self, request: pb.RenewAccessTokenRequest, context: Any) -> pb.RenewAccessTokenResponse:
        account, session = await self._calls.read(sessions.lasting_session)
        token = self._signer.for_person(account, session.id)
        return pb.RenewAccessTokenResponse(access_token=translate.access_token(token))

    async def ListSessions(self, request: pb.ListSessionsRequest, context: Any) -> pb.ListSessionsResponse:
        def rows(tx: IdentityTransaction, after: Key | None, count: int) -> Awaitable[Sequence[Session]]:
            return sessions.list_sessions(tx, after[0] if after else None, count)

        return await self._calls.page(_SESSIONS, request, pb.ListSessionsResponse(), rows, translate.session)

    async def SignOut(self, request: pb.SignOutRequest, context: Any) -> pb.SignOutResponse:
        command = CONVERTER.read(sessions.SignOut, request)
        response = pb.SignOutResponse
        return await self._revoking(request, command, sessions.sign_out, lambda _: response(), response)

    async def SignOutEverywhere(
        self, request: pb.SignOutEverywhereRequest, context: Any
    ) -> pb.SignOutEverywhereResponse:
        command, response = sessions.SignOutEverywhere(), pb.SignOutEverywhereResponse
        return await self._revoking(request, command, sessions.sign_out_everywhere, lambda _: response(), response)

    async def StartContactVerification(
        self, request: pb.StartContactVerificationRequest, context: Any
    ) -> pb.StartContactVerificationResponse:
        command = CONVERTER.read(change_contact.StartContactVerification, request)
        response = pb.StartContactVerificationResponse
        return await self._flow.ask(request, command, change_contact.start_contact_verification, response)

    async def CompleteContactVerification(
        self, request: pb.CompleteContactVerificationRequest, context: Any
    ) -> pb.CompleteContactVerificationResponse:
        command = CONVERTER.read(change_contact.CompleteContactVerification, request)
        proven = await self._calls.read(lambda tx: change_contact.check_both(tx, self._codes.keeper, command))
        if proven is None:
            raise errors.code_not_accepted()
        account = await self._calls.read(lambda tx: change_contact.complete_contact_verification(tx, proven))
        return pb.CompleteContactVerificationResponse(account=translate.account(account))

    async def IssueServiceToken(
        self, request: pb.IssueServiceTokenRequest, context: Any
    ) -> pb.IssueServiceTokenResponse:
        self._secrets.require(request.service, request.secret, place_of(context.peer()))
        token = translate.access_token(self._signer.for_service(request.service))
        return pb.IssueServiceTokenResponse(access_token=token)

    async def GetAccount(self, request: pb.GetAccountRequest, context: Any) -> pb.GetAccountResponse:
        own = request.name == "accounts/me"
        account_id = None if own else parse_name("accounts", request.name)
        account = await self._calls.read(lambda tx: get_account(tx, account_id))
        return pb.GetAccountResponse(account=translate.account(account))

    async def CreateOrganisation(
        self, request: pb.CreateOrganisationRequest, context: Any
    ) -> pb.CreateOrganisationResponse:
        command = CONVERTER.read(
            organisations.CreateOrganisation,
            request,
            display_name=self._name(request, "display_name"),
            short_name=self._name(request, "short_name") if request.short_name else "",
            identity_number=normal_identity_number(request.identity_number, "identity_number"),
        )
        return await self._calls.write(
            request,
            command,
            organisations.create_organisation,
            lambda made: pb.CreateOrganisationResponse(organisation=translate.organisation(made)),
            pb.CreateOrganisationResponse,
        )

    async def ChangeOrganisationTelephone(
        self, request: pb.ChangeOrganisationTelephoneRequest, context: Any
    ) -> pb.ChangeOrganisationTelephoneResponse:
        return await self._calls.write(
            request,
            CONVERTER.read(organisations.ChangeOrganisationTelephone, request, "organisations"),
            organisations.change_organisation_telephone,
            lambda changed: pb.ChangeOrganisationTelephoneResponse(organisation=translate.organisation(changed)),
            pb.ChangeOrganisationTelephoneResponse,
        )

    async def GetOrganisation(self, request: pb.GetOrganisationRequest, context: Any) -> pb.GetOrganisationResponse:
        organisation_id = parse_name("organisations", request.name)
        found = await self._calls.read(lambda tx: organisations.get_organisation(tx, organisation_id))
        return pb.GetOrganisationResponse(organisation=translate.organisation(found))

    async def ListOrganisations(
        self, request: pb.ListOrganisationsRequest, context: Any
    ) -> pb.ListOrganisationsResponse:
        def rows(tx: IdentityTransaction, after: Key | None, count: int) -> Awaitable[Sequence[Organisation]]:
            return organisations.list_organisations(tx, translate.listing(request, after, count))

        response = pb.ListOrganisationsResponse()
        return await self._calls.page(_ORGANISATIONS, request, response, rows, translate.organisation)

    async def GrantRole(self, request: pb.GrantRoleRequest, context: Any) -> pb.GrantRoleResponse:
        command = CONVERTER.read(roles.RoleChange, request)
        return await self._calls.write(
            request,
            command,
            roles.grant_role,
            lambda account: pb.GrantRoleResponse(account=_seen(account, command.organisation)),
            pb.GrantRoleResponse,
        )

    async def RevokeRole(self, request: pb.RevokeRoleRequest, context: Any) -> pb.RevokeRoleResponse:
        command = CONVERTER.read(roles.RoleChange, request)
        return await self._revoking(
            request,
            command,
            roles.revoke_role,
            lambda account: pb.RevokeRoleResponse(account=_seen(account, command.organisation)),
            pb.RevokeRoleResponse,
        )

    async def CreateInvitation(self, request: pb.CreateInvitationRequest, context: Any) -> pb.CreateInvitationResponse:
        async def use_case(tx: Tx, command: invitations.CreateInvitation) -> Invitation:
            return await invitations.create_invitation(tx, self._codes.keeper, self._invitation_lifetime, command)

        return await self._calls.write(
            request,
            CONVERTER.read(invitations.CreateInvitation, request),
            use_case,
            lambda made: pb.CreateInvitationResponse(invitation=CONVERTER.write(made, pb.Invitation)),
            pb.CreateInvitationResponse,
        )

    async def StartInvitationClaim(
        self, request: pb.StartInvitationClaimRequest, context: Any
    ) -> pb.StartInvitationClaimResponse:
        command = CONVERTER.read(invitations.StartInvitationClaim, request)
        return await self._flow.ask(
            request, command, invitations.start_invitation_claim, pb.StartInvitationClaimResponse
        )

    async def AcceptInvitation(self, request: pb.AcceptInvitationRequest, context: Any) -> pb.AcceptInvitationResponse:
        command = CONVERTER.read(invitations.AcceptInvitation, request)
        repeated = await self._calls.read(lambda tx: tx.answered(UUID(request.request_id)))
        outcome = Outcome()
        if not repeated:
            outcome = await self._calls.read(lambda tx: invitations.check_claim(tx, self._codes.keeper, command))
            invitations.required_claim(outcome)

        async def use_case(tx: Tx, _: invitations.AcceptInvitation) -> Invitation:
            return await invitations.accept_invitation(tx, invitations.required_claim(outcome))

        return await self._calls.write(
            request,
            command,
            use_case,
            lambda made: pb.AcceptInvitationResponse(invitation=CONVERTER.write(made, pb.Invitation)),
            pb.AcceptInvitationResponse,
        )

    async def StartProof(self, request: pb.StartProofRequest, context: Any) -> pb.StartProofResponse:
        command = CONVERTER.read(proofs.StartProof, request)
        return await self._flow.ask(request, command, proofs.start_proof, pb.StartProofResponse)

    async def CompleteProof(self, request: pb.CompleteProofRequest, context: Any) -> pb.CompleteProofResponse:
        challenge = await self._checked(request, Purpose.SIGN_DOCUMENT)
        account = await self._calls.read(lambda tx: proofs.complete_proof(tx, challenge))
        proof = self._signer.proof(challenge, account, current_principal().session_id)
        response = pb.CompleteProofResponse(proof=proof.token)
        response.expire_time.FromDatetime(proof.expire_time)
        return response

    async def IssueCertificate(self, request: pb.IssueCertificateRequest, context: Any) -> pb.IssueCertificateResponse:
        unproven = request.freezing or request.attesting
        proof = None if unproven else self._signer.read_proof(request.proof)
        command = CONVERTER.read(certificates.IssueCertificate, request, proof=proof)
        names = await self._calls.read(lambda tx: certificates.names_for(tx, command))
        certified = await self._authority.certify(request.certificate_request, names)
        kept = await self._calls.read(lambda tx: certificates.keep_certificate(tx, command, certified))
        statement = await self._authority.ocsp_response(kept.chain[0])
        return pb.IssueCertificateResponse(chain=kept.chain, ocsp_response=statement)

    async def GetRevocationData(
        self, request: pb.GetRevocationDataRequest, context: Any
    ) -> pb.GetRevocationDataResponse:
        data = await self._authority.revocation(list(request.certificates))
        return pb.GetRevocationDataResponse(ocsp_responses=data.ocsp_responses, revocation_lists=data.revocation_lists)

    async def CreateTimestamp(self, request: pb.CreateTimestampRequest, context: Any) -> pb.CreateTimestampResponse:
        return pb.CreateTimestampResponse(response=await self._authority.timestamp(request.request))

    async def ReadContactDossier(
        self, request: pb.ReadContactDossierRequest, context: Any
    ) -> AsyncIterator[pb.ReadContactDossierResponse]:
        account_id = parse_name("accounts", request.account, "account")
        data = await self._calls.read(lambda tx: tx.dossiers.read(account_id, request.digest))
        for chunk in chunks(data):
            yield pb.ReadContactDossierResponse(chunk=chunk)

    async def _revoking(
        self, request: Any, command: C, use_case: Callable[[Tx, C], Awaitable[R]], answer: Callable[[R], M], to: type[M]
    ) -> M:
        """A write after which tokens are no longer good, here at once."""
        response = await self._calls.write(request, command, use_case, answer, to)
        await self._revocations.load()
        return response

    def _name(self, request: Any, field: str) -> str:
        return normal_name(getattr(request, field), field, self._require_printable)

    def _profile(self, given: pb.Profile) -> sign_in.Profile:
        return CONVERTER.read(
            sign_in.Profile,
            given,
            display_name=normal_name(given.display_name, "profile.display_name", self._require_printable),
            identity_number=normal_identity_number(given.identity_number, "profile.identity_number"),
        )

    async def _checked(self, request: Any, purpose: Purpose) -> Challenge:
        return await self._flow.check(parse_name("challenges", request.challenge, "challenge"), request.code, purpose)


def _seen(account: Account, organisation_id: UUID) -> pb.Account:
    """An account in the answer to its administrator; the own one whole."""
    if account.id == current_principal().account_id:
        return translate.account(account)
    return translate.account(seen_by_administrator(account, frozenset({organisation_id})))
