"""What this service does about the events of mediation and identity."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from comity.identity.v1 import identity_events_pb2 as identity_pb
from comity.mediation.v1 import agreement_pb2, terms_pb2
from comity.mediation.v1 import mediation_events_pb2 as pb
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb
from google.protobuf.message import Message

from services.common.kernel.ids import parse_name
from services.common.messaging.consumer import Envelope, Reaction
from services.common.messaging.revocations import REVOCATIONS
from services.common.rpc.client import STREAM_SECONDS, ServiceCredential, pull
from services.court_link.application import referrals, windows
from services.court_link.domain.agreement import SealedAgreement
from services.court_link.domain.referral import ReferralAction
from services.court_link.storage.transaction import CourtLinkTransaction
from services.court_link.wire import CONVERTER

AGREEMENT_DOSSIER = "AGREEMENT"


@dataclass(frozen=True, slots=True)
class Pulled:
    """A sealed agreement whose file and terms are stored and verified, with the dossier's own bytes."""

    agreement: SealedAgreement
    dossier: bytes


KeepDocuments = Callable[[SealedAgreement, bytes, bytes], Awaitable[None]]
"""Verifies and stores the sealed PDF and the terms. Raises AGREEMENT_DOES_NOT_VERIFY."""


class AgreementSource:
    """Pulls a sealed agreement from mediation: dossier, file and terms, each checked against its digest."""

    def __init__(self, mediation: Any, credential: ServiceCredential, keep: KeepDocuments) -> None:
        self._mediation = mediation
        self._credential = credential
        self._keep = keep

    async def prepare(self, event: pb.AgreementSealed) -> Pulled:
        metadata = await self._credential.metadata()
        request = mediation_pb.ReadAgreementDossierRequest(agreement=event.agreement, digest=event.dossier_digest)
        dossier = await pull(
            lambda: self._mediation.ReadAgreementDossier(request, metadata=metadata, timeout=STREAM_SECONDS),
            event.dossier_digest,
        )
        agreement = agreement_of(dossier)
        await self._keep(
            agreement,
            await self._document(agreement.sealed_digest, metadata),
            await self._document(agreement.terms_digest, metadata),
        )
        return Pulled(agreement, dossier)

    async def _document(self, digest: bytes, metadata: Any) -> bytes:
        request = mediation_pb.ReadDocumentRequest(digest=digest)

        def stream() -> AsyncIterator[Any]:
            found: AsyncIterator[Any] = self._mediation.ReadDocument(request, metadata=metadata, timeout=STREAM_SECONDS)
            return found

        return await pull(stream, digest)


def agreement_of(dossier: bytes) -> SealedAgreement:
    """The domain's copy of mediation's AgreementDossier."""
    message = agreement_pb2.AgreementDossier()
    message.ParseFromString(dossier)
    return CONVERTER.read(SealedAgreement, message, last_due_date=_last_due_date(message.terms))


def _last_due_date(terms: terms_pb2.Terms) -> date | None:
    """The last day on which something is to be performed."""
    own = [obligation.due_date for obligation in terms.obligations]
    parts = [part.due_date for obligation in terms.obligations for part in obligation.instalments]
    return max((date.fromisoformat(each) for each in [*own, *parts] if each), default=None)


async def keep_agreement(tx: CourtLinkTransaction, event: pb.AgreementSealed, _: Envelope, pulled: Pulled) -> None:
    await tx.dossiers.keep(AGREEMENT_DOSSIER, str(pulled.agreement.agreement), pulled.dossier)
    await tx.agreements.keep(pulled.agreement, event.dossier_digest)
    await windows.open_window_of_sealed(tx, pulled.agreement)


async def open_window(tx: CourtLinkTransaction, event: pb.AgreementEffective, _: Envelope, __: object) -> None:
    await windows.open_window(tx, CONVERTER.read(windows.EffectiveAgreement, event))


async def close_window(tx: CourtLinkTransaction, event: pb.AgreementSuperseded, _: Envelope, __: object) -> None:
    await windows.close_window(tx, parse_name("agreements", event.agreement), parse_name("cases", event.case))


async def bind_account(
    tx: CourtLinkTransaction, event: identity_pb.InvitationAccepted, _: Envelope, __: object
) -> None:
    if event.subject.startswith("referrals/"):
        await referrals.record_joined(
            tx,
            parse_name("referrals", event.subject, "subject"),
            parse_name("parties", event.party, "party"),
            parse_name("accounts", event.account, "account"),
            parse_name("invitations", event.invitation, "invitation"),
        )


def _report(action: ReferralAction) -> Callable[[CourtLinkTransaction, Any, Envelope, Any], Awaitable[None]]:
    async def apply(tx: CourtLinkTransaction, event: Any, _: Envelope, __: object) -> None:
        if event.origin.startswith("referrals/"):
            report = referrals.MediationReport(
                referral=parse_name("referrals", event.origin, "origin"),
                action=action,
                case=parse_name("cases", event.case, "case"),
                reason=_reason(event),
            )
            await referrals.record_report(tx, report)

    return apply


def _reason(event: Message) -> str:
    field = event.DESCRIPTOR.fields_by_name.get("reason")
    if field is None or field.enum_type is None:
        return ""
    value = field.enum_type.values_by_number[getattr(event, "reason")]  # noqa: B009 - messages differ
    prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
    return value.name.removeprefix(prefix)


def mediation_reactions(source: AgreementSource) -> Mapping[str, Reaction[CourtLinkTransaction]]:
    return {
        "agreement.effective": Reaction(pb.AgreementEffective, open_window),
        "agreement.sealed": Reaction(pb.AgreementSealed, keep_agreement, source.prepare, later=True),
        "agreement.superseded": Reaction(pb.AgreementSuperseded, close_window),
        "case.referral_accepted": Reaction(pb.CaseReferralAccepted, _report(ReferralAction.TAKE_OVER)),
        "case.declined": Reaction(pb.CaseDeclined, _report(ReferralAction.DECLINE)),
        "case.terminated": Reaction(pb.CaseTerminated, _report(ReferralAction.RETURN)),
        "case.concluded": Reaction(pb.CaseConcluded, _report(ReferralAction.SETTLE)),
    }


def identity_reactions() -> Mapping[str, Reaction[CourtLinkTransaction]]:
    return {"invitation.accepted": Reaction(identity_pb.InvitationAccepted, bind_account), **REVOCATIONS}
