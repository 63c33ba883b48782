"""Whatever is accepted at entry is carried to the end: random values from the filing to the text of the ruling.

Each value is refused where it comes in, by its field and in words, or it goes the whole way. COMITY_EXAMPLES makes more.
"""

import asyncio
import os
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import protovalidate
import pytest
from comity.common.v1 import party_pb2
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.mediation.v1 import agreement_pb2
from google.protobuf.message import Message

from services.common.documents.typefaces import require_printable
from services.common.kernel.contacts import ContactKind, parse_optional
from services.common.kernel.errors import DomainError
from services.common.kernel.particulars import Particulars
from services.common.rpc.fields import require_fields
from services.common.signing.authority_client import AuthorityAccess
from services.court_link.documents import signing as court_signing
from services.court_link.documents.orders import Applicant, FreezeOrder, RulingText
from services.court_link.domain.agreement import SealedAgreement
from services.court_link.domain.ruling import RulingOutcome
from services.court_link.messaging.consume import agreement_of
from services.intake.application.file_matter import FileMatter, FilingQuota
from services.intake.transport.translate import file_matter
from services.intake.wire import particulars
from tests.integration.mediation.running import Mediation
from tests.kit.values import Values

EXAMPLES = int(os.environ.get("COMITY_EXAMPLES", "4"))
AT_ENTRY = {
    "UNPRINTABLE_CHARACTER",
    "NAME_REQUIRED",
    "MALFORMED_REQUEST",
    "IDENTITY_NUMBER_MALFORMED",
    "MALFORMED_DATE",
    "TERMS_TOO_LONG",
}
QUOTA = FilingQuota(10, 10, 10)
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def entered(values: Values) -> list[party_pb2.PartyParticulars]:
    """The parties of a filing that intake takes, as its gate and its translation judge it, in the spelling in which it
    hands them on; others are refused by field and in words."""
    while True:
        filing = values.filing(f"organisations/{uuid4()}", str(uuid4()))
        try:
            require_contract(filing)
            require_fields(filing)
            taken = file_matter(filing, QUOTA, require_printable)
            return [particulars(each.kind, each.display_name, each.private) for each in _sides(taken)]
        except DomainError as refused:
            require_words(refused)


def _sides(taken: FileMatter) -> tuple[Particulars, Particulars]:
    return taken.complainant, taken.respondent


def require_words(refused: DomainError) -> None:
    """What is refused at entry says which field, and what is wrong with it."""
    assert refused.reason in AT_ENTRY, refused.reason
    assert refused.field and refused.zh and refused.en


def require_contract(message: Message) -> None:
    assert not protovalidate.collect_violations(message)


@pytest.mark.parametrize("seed", range(EXAMPLES))
async def test_what_intake_takes_is_signed_sealed_and_ruled_on(mediation: Mediation, seed: int) -> None:
    values = Values(seed)
    sides = entered(values)
    for party in sides:
        require_invitable(party)
    mediation.identity.organisation_name = await accepted_name(values)
    name = await mediation.forward(particulars=sides)
    await opened(mediation, name, values)
    terms = await agreed(mediation, name, values)
    version = (await mediation.case(name)).version
    drafted = await mediation.call("DraftAgreement", mediation.mediator, case=name, version=version, terms=terms)
    signing_round = await mediation.freeze(drafted.agreement)
    name, agreement, _ = await mediation.sign_all(name, drafted.agreement, signing_round)
    for asked in mediation.identity.asked:
        require_contract(asked)
    copy = agreement_of(await sealed_dossier(mediation))
    kept = [
        particulars(each.particulars.kind, each.particulars.display_name, each.particulars) for each in copy.parties
    ]
    assert kept == sides, "all that was entered of a party goes to the court"
    content = await mediation.download(mediation.complainant, agreement.name, agreement_pb2.DOCUMENT_FORM_SIGNED)
    access = AuthorityAccess(mediation.settings.identity_address, ())
    verified = asyncio.to_thread(court_signing.verify_agreement, access, content, copy, mediation.clock.now())
    assert await verified == []
    terms_file = await mediation.download(mediation.complainant, agreement.name, agreement_pb2.DOCUMENT_FORM_TERMS)
    order = FreezeOrder(subject=f"rulings/{uuid4()}", text=ruling(copy, terms_file))
    frozen, text = await asyncio.to_thread(court_signing.render_and_freeze, access, order, NOW)
    assert frozen.startswith(b"%PDF-") and len(text.slots) == 2


def require_invitable(party: party_pb2.PartyParticulars) -> None:
    """Identity takes what it is told of a party when the place is held open, and the number typed by the claimant."""
    invitation = identity_pb.CreateInvitationRequest(
        request_id=str(uuid4()), subject=f"matters/{uuid4()}", party=f"parties/{uuid4()}"
    )
    for field in ("display_name", "identity_number", "email", "phone", "locale"):
        setattr(invitation, field, getattr(party, field))
    require_contract(invitation)
    parse_optional(invitation.email, ContactKind.EMAIL, "email")
    parse_optional(invitation.phone, ContactKind.PHONE, "phone")
    claim = identity_pb.AcceptInvitationRequest(
        request_id=str(uuid4()), code="123456", identity_number=party.identity_number
    )
    require_contract(claim)


async def accepted_name(values: Values) -> str:
    while True:
        name = values.name()
        if name.strip() and "\n" not in name:
            try:
                return require_printable(name)
            except DomainError:
                continue


async def opened(mediation: Mediation, name: str, values: Values) -> None:
    mediator = await until_taken(lambda: mediation.roster(display_name=values.name()))
    await mediation.on_case("AppointMediator", mediation.administrator, name, mediator=mediator)
    await mediation.on_case("DiscloseConflict", mediation.mediator, name, statement=values.text(200))
    await until_taken(
        lambda: mediation.on_case(
            "AppointRepresentative",
            mediation.respondent,
            name,
            party=f"parties/{mediation.party_b}",
            account=f"accounts/{mediation.respondent}",
            display_name=values.name(),
            authority=party_pb2.AUTHORITY_LEGAL_REPRESENTATIVE,
        )
    )
    await mediation.read_the_notice(name)
    await mediation.on_case("OpenCase", mediation.mediator, name, identities_checked=True)


async def agreed(mediation: Mediation, name: str, values: Values) -> Any:
    """Terms that somebody offered and both sides accepted."""
    terms = mediation.terms(values.amount())

    async def offered() -> Any:
        terms.facts, terms.issues = f"事实{values.chinese(19_000)}", f"争议{values.chinese(9_000)}"
        terms.obligations[0].description = f"付款{values.chinese(3_000)}"
        terms.obligations[0].payment_method = f"转账{values.chinese(400)}"
        terms.obligations[0].due_date = values.day()
        return await mediation.offer(name, terms=terms)

    offer = await until_taken(offered)
    await mediation.respond(offer.name, mediation.respondent, accept=True)
    return terms


async def until_taken(ask: Any) -> Any:
    """The answer to the first try that is taken; every refusal before names a field and says what is wrong."""
    while True:
        try:
            return await ask()
        except DomainError as refused:
            require_words(refused)


async def sealed_dossier(mediation: Mediation) -> bytes:
    (row,) = await mediation.sql("SELECT bytes FROM dossiers")
    return bytes(row["bytes"])


def ruling(agreement: SealedAgreement, terms_file: bytes) -> RulingText:
    assert agreement.effective_time is not None
    return RulingText(
        court="样本市样本区人民法院",
        seal="样本市样本区人民法院",
        judge="样本法官",
        clerk="样本书记员",
        number="（2026）样0102民特1号",
        organisation=agreement.organisation_display_name,
        subject_matter=agreement.subject_matter,
        applicants=tuple(
            Applicant(
                name=party.particulars.name_on_paper,
                identity_number=party.particulars.identity_number,
                address=party.particulars.address,
            )
            for party in agreement.parties
        ),
        terms_file=terms_file,
        effective_time=agreement.effective_time,
        accept_time=NOW,
        outcome=RulingOutcome.CONFIRMED,
        ground=None,
        reasons="经审查，协议系双方自愿达成。",
        made_time=NOW,
        zone="Asia/Shanghai",
        sample=True,
    )
