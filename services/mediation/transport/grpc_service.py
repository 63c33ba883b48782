"""The gRPC face of mediation: agreements, signing and documents here, the rest in its two parts."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

from comity.mediation.v1 import agreement_pb2
from comity.mediation.v1 import mediation_service_pb2 as pb
from comity.mediation.v1.mediation_service_pb2_grpc import MediationServiceServicer

from services.common.kernel.clock import Clock
from services.common.kernel.errors import DomainError, ErrorKind, invalid
from services.common.kernel.ids import parse_name
from services.common.kernel.names import RequirePrintable
from services.common.kernel.steps import breathe
from services.common.rpc.client import chunks
from services.common.rpc.handle import Calls, Prepared
from services.common.rpc.proofs import read_proof
from services.common.rpc.tokens import TokenVerifier
from services.mediation.application import agreements, queries, signing
from services.mediation.application.agreements import SameSigners, TermsWriter
from services.mediation.application.ports import FreezeTask, Frozen, Objects, Signatures
from services.mediation.storage.transaction import MediationTransaction
from services.mediation.transport import lists, translate
from services.mediation.transport.case_methods import CaseMethods
from services.mediation.transport.meeting_methods import MeetingMethods
from services.mediation.transport.printable import require_all_printable
from services.mediation.wire import CONVERTER


class MediationServicer(CaseMethods, MeetingMethods, MediationServiceServicer):
    """Translate, call, translate."""

    def __init__(
        self,
        calls: Calls[MediationTransaction],
        tokens: TokenVerifier,
        clock: Clock,
        signatures: Signatures,
        objects: Objects,
        write_terms: TermsWriter,
        same_signers: SameSigners,
        require_printable: RequirePrintable,
    ) -> None:
        self._calls = calls
        self._tokens = tokens
        self._clock = clock
        self._signatures = signatures
        self._objects = objects
        self._write_terms = write_terms
        self._same_signers = same_signers
        self._require_printable = require_printable

    async def ValidateTerms(self, request: pb.ValidateTermsRequest, context: Any) -> pb.ValidateTermsResponse:
        command = CONVERTER.read(agreements.ValidateTerms, request)
        found = await self._calls.read(lambda tx: agreements.validate_terms(tx, command))
        return pb.ValidateTermsResponse(findings=translate.findings(found))

    async def DraftAgreement(self, request: pb.DraftAgreementRequest, context: Any) -> pb.DraftAgreementResponse:
        require_all_printable(self._require_printable, request.terms, "terms")
        await breathe()
        return await self._calls.write(
            request,
            CONVERTER.read(agreements.DraftAgreement, request),
            lambda tx, command: agreements.draft_agreement(tx, command, self._write_terms),
            lambda found: pb.DraftAgreementResponse(agreement=translate.agreement(found)),
            pb.DraftAgreementResponse,
        )

    async def ReviseAgreement(self, request: pb.ReviseAgreementRequest, context: Any) -> pb.ReviseAgreementResponse:
        require_all_printable(self._require_printable, request.terms, "terms")
        await breathe()
        return await self._calls.write(
            request,
            CONVERTER.read(agreements.ReviseAgreement, request, "agreements"),
            lambda tx, command: agreements.revise_agreement(tx, command, self._write_terms),
            lambda found: pb.ReviseAgreementResponse(agreement=translate.agreement(found)),
            pb.ReviseAgreementResponse,
        )

    async def FreezeAgreement(self, request: pb.FreezeAgreementRequest, context: Any) -> pb.FreezeAgreementResponse:
        """Rendered and frozen outside any transaction; a refusal there still lets a repeated request have its answer."""
        command = CONVERTER.read(agreements.FreezeAgreement, request, "agreements")
        prepared = await Prepared.by(self._freeze(command))

        async def use_case(tx: MediationTransaction, given: agreements.FreezeAgreement) -> agreements.FrozenAgreement:
            return await agreements.freeze_agreement(tx, given, self._same_signers, *prepared.given())

        return await self._calls.write(
            request,
            command,
            use_case,
            lambda found: pb.FreezeAgreementResponse(
                agreement=translate.agreement(found.agreement),
                signing_round=translate.signing_round(found.signing_round),
            ),
            pb.FreezeAgreementResponse,
        )

    async def GetAgreement(self, request: pb.GetAgreementRequest, context: Any) -> pb.GetAgreementResponse:
        id = parse_name("agreements", request.name)
        found = await self._calls.read(lambda tx: tx.agreements.get(id))
        return pb.GetAgreementResponse(agreement=translate.agreement(found))

    async def ListAgreements(self, request: pb.ListAgreementsRequest, context: Any) -> pb.ListAgreementsResponse:
        rows, response = lists.of_case(request, lambda tx: tx.agreements), pb.ListAgreementsResponse()
        return await self._calls.page(
            lists.AGREEMENTS, request, response, rows, translate.agreement, lists.shorten_agreement
        )

    async def GetSigningRound(self, request: pb.GetSigningRoundRequest, context: Any) -> pb.GetSigningRoundResponse:
        id = parse_name("signingRounds", request.name)
        found = await self._calls.read(lambda tx: tx.rounds.get(id))
        return pb.GetSigningRoundResponse(signing_round=translate.signing_round(found))

    async def SignAgreement(self, request: pb.SignAgreementRequest, context: Any) -> pb.SignAgreementResponse:
        claims = await read_proof(self._tokens, request.proof)
        return await self._calls.write(
            request,
            CONVERTER.read(signing.SignAgreement, request, "signingRounds", claims=claims),
            signing.sign_agreement,
            lambda found: pb.SignAgreementResponse(signing_round=translate.signing_round(found)),
            pb.SignAgreementResponse,
        )

    async def RefuseToSign(self, request: pb.RefuseToSignRequest, context: Any) -> pb.RefuseToSignResponse:
        return await self._calls.write(
            request,
            CONVERTER.read(signing.RefuseToSign, request, "signingRounds"),
            signing.refuse_to_sign,
            lambda found: pb.RefuseToSignResponse(signing_round=translate.signing_round(found)),
            pb.RefuseToSignResponse,
        )

    async def SealAgreement(self, request: pb.SealAgreementRequest, context: Any) -> pb.SealAgreementResponse:
        claims = await read_proof(self._tokens, request.proof)
        return await self._calls.write(
            request,
            CONVERTER.read(signing.SealAgreement, request, "signingRounds", claims=claims),
            signing.seal_agreement,
            lambda found: pb.SealAgreementResponse(signing_round=translate.signing_round(found)),
            pb.SealAgreementResponse,
        )

    async def DownloadDocument(
        self, request: pb.DownloadDocumentRequest, context: Any
    ) -> AsyncIterator[pb.DownloadDocumentResponse]:
        for chunk in chunks(await self._document(request)):
            yield pb.DownloadDocumentResponse(chunk=chunk)

    async def ReadAgreementDossier(
        self, request: pb.ReadAgreementDossierRequest, context: Any
    ) -> AsyncIterator[pb.ReadAgreementDossierResponse]:
        id = parse_name("agreements", request.agreement, "agreement")
        data = await self._calls.read(lambda tx: queries.agreement_dossier(tx, id, request.digest))
        for chunk in chunks(data):
            yield pb.ReadAgreementDossierResponse(chunk=chunk)

    async def ReadDocument(
        self, request: pb.ReadDocumentRequest, context: Any
    ) -> AsyncIterator[pb.ReadDocumentResponse]:
        await self._calls.read(lambda tx: queries.require_sealed_document(tx, request.digest))
        data = await asyncio.to_thread(self._objects.get, request.digest.hex())
        for chunk in chunks(data):
            yield pb.ReadDocumentResponse(chunk=chunk)

    async def _freeze(self, command: agreements.FreezeAgreement) -> tuple[agreements.FreezePlan, Frozen]:
        plan = await self._calls.read(lambda tx: agreements.plan_freeze(tx, command, self._same_signers))
        task = FreezeTask(
            terms_file=plan.terms_file.encode(),
            subject=f"signingRounds/{plan.round_id}",
            document_number=plan.number,
            owner=str(plan.case_id),
        )
        return plan, await self._signatures.freeze(task)

    async def _document(self, request: pb.DownloadDocumentRequest) -> bytes:
        collection = request.document.partition("/")[0]
        if collection not in ("agreements", "sessionRecords"):
            raise invalid(
                "MALFORMED_NAME", "应为协议或笔录的名称", "expected an agreement or a record", field="document"
            )
        id = parse_name(collection, request.document, "document")
        name = agreement_pb2.DocumentForm.Name(request.form).removeprefix("DOCUMENT_FORM_")
        if name == "TERMS" and collection == "agreements":
            agreement = await self._calls.read(lambda tx: tx.agreements.get(id))
            return agreement.terms_file.encode()
        digest = await self._calls.read(lambda tx: queries.document_digest(tx, collection, id, name))
        content = await asyncio.to_thread(self._objects.get, digest)
        if hashlib.sha256(content).hexdigest() != digest:
            raise DomainError(ErrorKind.UNAVAILABLE, "DOCUMENT_DAMAGED", "文件损坏", "the document is damaged")
        return content
