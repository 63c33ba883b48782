"""What runs in a worker process: freezing a ruling, signing and sealing it, verifying an agreement.

Module-level functions with picklable arguments, so that a process pool can run them. Repeating one is harmless: what it
makes counts only once its caller has stored and recorded it.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.common.papers import render_paper
from services.common.signing.authority_client import AuthorityAccess, AuthorityClient, SlotBinding
from services.common.signing.expectation import Expectation, ExpectedSlot
from services.common.signing.freeze import freeze
from services.common.signing.keys import obtain_identity
from services.common.signing.manifest import Signer
from services.common.signing.seal import seal
from services.common.signing.sign import StampText, sign_slot
from services.common.signing.slots import FREEZE_FIELD, Slot
from services.common.signing.trust_settings import Knowledge
from services.common.signing.verify import verify
from services.court_link.documents.orders import JUDGE_SLOT, SEAL_SLOT, SLOTS, FreezeOrder, SignOrder
from services.court_link.documents.ruling_file import write_ruling_file
from services.court_link.domain.agreement import SealedAgreement
from services.court_link.domain.ruling import FrozenText, PlacedSlot


def render_and_freeze(access: AuthorityAccess, order: FreezeOrder, now: datetime) -> tuple[bytes, FrozenText]:
    """The frozen bytes and what is recorded of them."""
    rendered = render_paper(write_ruling_file(order.text))
    placed = tuple(PlacedSlot(name=area.slot, page=area.page, box=area.box) for area in rendered.areas)
    placed = tuple(sorted(placed, key=lambda slot: SLOTS.index(slot.name)))
    authority = AuthorityClient(access)
    binding = SlotBinding(subject=order.subject, slot=FREEZE_FIELD, document_number=order.text.number, freezing=True)
    key = obtain_identity(authority.issuer(binding))
    frozen = freeze(rendered.content, [_slot(slot) for slot in placed], key, authority, now)
    return frozen.content, FrozenText(digest=bytes.fromhex(frozen.sha256), slots=placed, judge=order.text.judge)


def sign_and_seal(access: AuthorityAccess, order: SignOrder) -> bytes:
    """The judge's signature (B-T), then the court's seal (B-LTA), both resting on the judge's proof."""
    places = {slot.name: _slot(slot) for slot in order.slots}
    labels = ("样本 SAMPLE",) if order.sample else ()
    authority = AuthorityClient(access)
    judge = obtain_identity(authority.issuer(_binding(order, JUDGE_SLOT)))
    stamp = StampText(order.judge, ("审判员", *labels), ZoneInfo(order.zone))
    signed = sign_slot(order.frozen, places[JUDGE_SLOT], judge, stamp, authority, order.now, reason="裁定 Ruling")
    court = obtain_identity(authority.issuer(_binding(order, SEAL_SLOT, order.court)))
    seal_stamp = StampText(order.court_name, ("人民法院印章", *labels), ZoneInfo(order.zone))
    roots = authority.roots()
    return seal(
        signed,
        places[SEAL_SLOT],
        court,
        seal_stamp,
        authority,
        authority,
        roots,
        order.now,
        reason="院印 Court seal",
    )


def verify_agreement(access: AuthorityAccess, content: bytes, agreement: SealedAgreement, now: datetime) -> list[str]:
    """Every reason why the file is not the sealed agreement that its dossier tells of; none when it is."""
    knowledge = Knowledge(AuthorityClient(access).roots())
    expectation = Expectation(
        slots=tuple(ExpectedSlot(each.slot, each.fingerprint.hex()) for each in agreement.certificates),
        frozen_sha256=agreement.frozen_digest.hex(),
        terms_sha256=agreement.terms_digest.hex(),
        knowledge=knowledge,
        now=now,
        final_sha256=agreement.sealed_digest.hex(),
        # The court takes in what holds today; that it will hold for years is the sealing side's to see to.
        horizon=timedelta(0),
        render_again=lambda terms: render_paper(terms).content,
    )
    return [failure.reason.value for failure in verify(content, expectation).failures]


def _binding(order: SignOrder, slot: str, organisation: str = "") -> SlotBinding:
    return SlotBinding(
        subject=order.subject,
        slot=slot,
        document_number=order.number,
        proof=order.proof,
        signer=None if organisation else Signer(order.judge),
        organisation=organisation,
    )


def _slot(placed: PlacedSlot) -> Slot:
    return Slot(placed.name, placed.page, placed.box)
