"""The gRPC face of identity: translate, call, translate."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from comity.identity.v1 import identity_service_pb2 as pb
from comity.identity.v1 import identity_service_pb2_grpc as pbg

from services.common.kernel.ids import parse_name
from services.common.rpc.client import chunks
from services.common.rpc.gate import current_principal
from services.common.rpc.handle import Calls
from services.common.rpc.pages import Key, Paging
from services.common.storage.database import Database
from services.identity.application import certificates, invitations, organisations, proofs, roles, sign_in
from services.identity.application.codes import Codes, Outcome
from services.identity.application.first_administrator import ClaimFirstAdministrator, claim_first_administrator
from services.identity.application.get_account import get_account, seen_by_administrator
from services.identity.application.ports import Authority
from services.identity.application.register_account import RegisterAccount, register_account
from services.identity.credentials.key_ring import KeyRing
from services.identity.credentials.service_secrets import ServiceSecrets
from services.identity.credentials.tokens import TokenSigner
from services.identity.domain import errors
from services.identity.domain.account import Account
from services.identity.domain.challenge import Challenge, Purpose
from services.identity.domain.invitation import Invitation
from services.identity.domain.organisation import Organisation
from services.identity.messaging.code_sender import CodeSender
from services.identity.storage.transaction import IdentityTransaction
from services.identity.transport import translate
from services.identity.transport.code_flow import CodeFlow
from services.identity.transport.translate import CONVERTER

Tx = IdentityTransaction
_ORGANISATIONS = Paging("organisations", (str, UUID), lambda each: (each.display_name, each.id))


class IdentityServicer(pbg.IdentityServiceServicer):
    """Serves ``IdentityService``.

    What carries no request id is run by ``Calls.read``, which commits like every transaction: such a call is repeatable
    because of what it does (a challenge is consumed once, a certificate is kept by its key).
    """

    def __init__(
        self,
        *,
        calls: Calls[IdentityTransaction],
        database: Database[IdentityTransaction],
        codes: Codes,
        sender: CodeSender,
        signer: TokenSigner,
        ring: KeyRing,
        authority: Authority,
        secrets: ServiceSecrets,
        invitation_lifetime: timedelta,
        require_printable: Callable[[str, str], str],
    ) -> None:
        self._calls = calls
        self._codes = codes
        self._flow = CodeFlow(calls, database, codes, sender)
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
        self._require_name(request.display_name, "display_name")
        self._require_name(request.organisation_display_name, "organisation_display_name")
        response = pb.ClaimFirstAdministratorResponse
        return await self._calls.write(
            request,
            CONVERTER.read(ClaimFirstAdministrator, request),
            claim_first_administrator,
            lambda made: response(account=translate.account(made[0]), organisation=translate.organisation(made[1])),
            response,
        )

    async def RegisterAccount(self, request: pb.RegisterAccountRequest, context: Any) -> pb.RegisterAccountResponse:
        self._require_name(request.display_name, "display_name")

        async def use_case(tx: Tx, command: RegisterAccount) -> Account:
            return await register_account(tx, self._codes.keeper, command)

        return await self._calls.write(
            request,
            CONVERTER.read(RegisterAccount, request),
            use_case,
            lambda account: pb.RegisterAccountResponse(account=translate.account(account)),
            pb.RegisterAccountResponse,
        )

    async def StartSignIn(self, request: pb.StartSignInRequest, context: Any) -> pb.StartSignInResponse:
        command = CONVERTER.read(sign_in.StartSignIn, request)
        return await self._flow.ask(request, command, sign_in.start_sign_in, pb.StartSignInResponse)

    async def CompleteSignIn(self, request: pb.CompleteSignInRequest, context: Any) -> pb.CompleteSignInResponse:
        challenge = await self._checked(request, Purpose.SIGN_IN)
        meant = parse_name("accounts", request.account, "account") if request.account else None
        account = await self._calls.read(lambda tx: sign_in.complete_sign_in(tx, challenge, meant))
        token = translate.access_token(self._signer.for_person(account))
        return pb.CompleteSignInResponse(access_token=token, account=translate.account(account))

    async def RenewAccessToken(self, request: pb.RenewAccessTokenRequest, context: Any) -> pb.RenewAccessTokenResponse:
        started = self._signer.session_start(_bearer(context))
        account = await self._calls.read(lambda tx: get_account(tx, None))
        token = self._signer.for_person(account, started)
        return pb.RenewAccessTokenResponse(access_token=translate.access_token(token))

    async def StartContactVerification(
        self, request: pb.StartContactVerificationRequest, context: Any
    ) -> pb.StartContactVerificationResponse:
        command = CONVERTER.read(sign_in.StartSignIn, request)
        return await self._flow.ask(
            request, command, sign_in.start_contact_verification, pb.StartContactVerificationResponse
        )

    async def CompleteContactVerification(
        self, request: pb.CompleteContactVerificationRequest, context: Any
    ) -> pb.CompleteContactVerificationResponse:
        challenge = await self._checked(request, Purpose.VERIFY_CONTACT)
        account = await self._calls.read(lambda tx: sign_in.complete_contact_verification(tx, challenge))
        return pb.CompleteContactVerificationResponse(account=translate.account(account))

    async def IssueServiceToken(
        self, request: pb.IssueServiceTokenRequest, context: Any
    ) -> pb.IssueServiceTokenResponse:
        self._secrets.require(request.service, request.secret, _place(context))
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
        self._require_name(request.display_name, "display_name")
        return await self._calls.write(
            request,
            CONVERTER.read(organisations.CreateOrganisation, request),
            organisations.create_organisation,
            lambda made: pb.CreateOrganisationResponse(organisation=translate.organisation(made)),
            pb.CreateOrganisationResponse,
        )

    async def GetOrganisation(self, request: pb.GetOrganisationRequest, context: Any) -> pb.GetOrganisationResponse:
        organisation_id = parse_name("organisations", request.name)
        found = await self._calls.read(lambda tx: organisations.get_organisation(tx, organisation_id))
        return pb.GetOrganisationResponse(organisation=translate.organisation(found))

    async def ListOrganisations(
        self, request: pb.ListOrganisationsRequest, context: Any
    ) -> pb.ListOrganisationsResponse:
        asked = _ORGANISATIONS.asked(request)

        async def listed(tx: IdentityTransaction) -> pb.ListOrganisationsResponse:
            def rows(after: Key | None, count: int) -> Awaitable[Sequence[Organisation]]:
                return organisations.list_organisations(tx, translate.listing(request, after, count))

            return await _ORGANISATIONS.fill(pb.ListOrganisationsResponse(), asked, rows, translate.organisation)

        return await self._calls.read(listed)

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
        return await self._calls.write(
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
        proven = await self._calls.read(lambda tx: proofs.complete_proof(tx, challenge))
        proof = self._signer.proof(proven)
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

    def _require_name(self, text: str, field: str) -> None:
        """Raises NAME_REQUIRED or UNPRINTABLE_CHARACTER (INVALID): a name must appear in documents, on one line."""
        if not text.strip():
            raise errors.name_required(field)
        self._require_printable(text.replace("\n", "\x00"), field)

    async def _checked(self, request: Any, purpose: Purpose) -> Challenge:
        return await self._flow.check(parse_name("challenges", request.challenge, "challenge"), request.code, purpose)


def _seen(account: Account, organisation_id: UUID) -> pb.Account:
    """An account in the answer to its administrator; the own one whole."""
    if account.id == current_principal().account_id:
        return translate.account(account)
    return translate.account(seen_by_administrator(account, frozenset({organisation_id})))


def _bearer(context: Any) -> str:
    """The access token that the gate has verified already."""
    for key, value in context.invocation_metadata() or ():
        if key == "authorization":
            return str(value).partition(" ")[2]
    return ""


def _place(context: Any) -> str:
    """The caller's address without its port."""
    return str(context.peer()).rpartition(":")[0]
