"""A whole round for tests: authorities, a made-up agreement (样本 SAMPLE), signed slot by slot."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from services.common.documents.attachment import Attachment
from services.common.documents.canonical import canonical_json
from services.common.documents.document import Document, RenderedDocument
from services.common.documents.frame import Language, PageFrame
from services.common.documents.signature_area import AreaRequest
from services.common.kernel.particulars import IdentityPaper, Particulars, PartyKind
from services.common.papers import render_paper
from services.common.papers.parties import printed_party
from services.common.signing.expectation import Expectation, ExpectedSlot
from services.common.signing.freeze import FrozenDocument, freeze
from services.common.signing.keys import SigningIdentity, obtain_identity
from services.common.signing.manifest import Signer, document_manifest
from services.common.signing.ports import Issued, RevocationData
from services.common.signing.seal import seal
from services.common.signing.sign import StampText, sign_slot
from services.common.signing.slots import FREEZE_FIELD, Slot
from services.common.signing.trust_settings import Knowledge
from services.identity.authority.certificate_authority import CertificateAuthority, Revocation
from services.identity.authority.profiles import Subject
from services.identity.authority.timestamp_authority import TimestampAuthority

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
NUMBER = "样调字〔2026〕第0001号"
ORGANISATION = "样本市消费纠纷人民调解委员会"
SLOTS = ("party-1", "party-2", "mediator", "seal")
NAMES = {"party-1": "王样本", "party-2": "样本商贸有限公司", "mediator": "李样本", "seal": ORGANISATION}


@dataclass
class SteppingClock:
    """A clock that moves on a second each time it is read, as real acts do."""

    time: datetime = NOON

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@dataclass
class Authorities:
    """The embedded authorities behind the signing ports, without a network between."""

    clock: SteppingClock = field(default_factory=SteppingClock)

    def __post_init__(self) -> None:
        self.certificates = CertificateAuthority.create(ORGANISATION, self.clock.now())
        self.timestamps = TimestampAuthority.create(self.certificates, ORGANISATION, self.clock)
        self.revoked: list[Revocation] = []

    @property
    def roots(self) -> tuple[bytes, ...]:
        return (self.certificates.root_der,)

    def timestamp(self, request_der: bytes) -> bytes:
        return self.timestamps.respond(request_der)

    def revocation(self, certificates: Sequence[bytes]) -> RevocationData:
        return RevocationData(*self.certificates.statements(certificates, self.clock.now(), self.revoked))

    def identity(self, slot: str, *, number: str = NUMBER, name: str = "") -> SigningIdentity:
        return obtain_identity(_Issuer(self, slot, number, name or NAMES.get(slot, "文本固化密钥 Document key")))


@dataclass
class _Issuer:
    authorities: Authorities
    slot: str
    number: str
    name: str

    def issue(self, request_der: bytes) -> Issued:
        freezing = self.slot == FREEZE_FIELD
        subject = Subject(self.name, f"signer-{self.slot}", self.number, self.slot, freezing)
        return Issued(self.authorities.certificates.issue(request_der, subject, self.authorities.clock.now()))


def a_printed_party(slot: str, side: str, name: str) -> dict[str, Any]:
    """A person as data files have it. 样本 SAMPLE."""
    paper = IdentityPaper.RESIDENT_CARD
    given = Particulars(display_name=name, kind=PartyKind.NATURAL_PERSON, identity_paper=paper)
    return {**printed_party(given), "slot": slot, "side": side, "acting": []}


def terms(amount: int = 500_000, *, template: str = "comity.agreement/1", names: Mapping[str, str] = NAMES) -> bytes:
    """The data file of a settlement by the two parties; ``names`` by slot. 样本 SAMPLE."""
    money = {"currency": "CNY", "minor_units": amount}
    obligation = {
        "obligor": "party-2",
        "obligee": "party-1",
        "description": "退还货款",
        "amount": money,
        "act": "",
        "due_date": "2026-12-31",
        "instalments": [],
        "payment_method": "转账",
    }
    parties = [
        a_printed_party(slot, side, names[slot])
        for slot, side in (("party-1", "COMPLAINANT"), ("party-2", "RESPONDENT"))
    ]
    return canonical_json(
        {
            "template": template,
            "title": "人民调解协议书",
            "document": document_manifest(NUMBER, {slot: [Signer(names[slot])] for slot in SLOTS}),
            "number": NUMBER,
            "case_number": "2026-000001",
            "organisation": ORGANISATION,
            "regime": {
                "id": "PEOPLES@2024",
                "zh": "人民调解",
                "en": "People's mediation",
                "sources": ["人民调解法"],
            },
            "effective_when": "PARTIES_MEDIATOR_AND_SEAL",
            "made_time": NOON.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "made_date": NOON.date().isoformat(),
            "sample": True,
            "parties": parties,
            "names": {slot: names[slot] for slot in ("party-1", "party-2")},
            "subject_matter": "样本纠纷",
            "mediator": names["mediator"],
            "terms": {
                "facts": "样本案情",
                "issues": "退款",
                "responsibilities": "",
                "obligations": [obligation],
                "default_clause": "无",
                "costs": "调解不收费",
                "release_scope": "本纠纷就此了结",
                "unresolved": [],
                "copies": 3,
                "total": money,
            },
            "confirmation": {
                "zh": "可以申请司法确认。",
                "en": "It may be confirmed by a court.",
                "source": "民事诉讼法第205条",
            },
        }
    )


def render(terms_json: bytes) -> RenderedDocument:
    return render_paper(terms_json)


def a_paper_of_another_hand(data_file: bytes) -> RenderedDocument:
    """With the same slots and this file attached, drawn by no template. 样本 SAMPLE."""
    document = Document(PageFrame("样本", NUMBER, "样本", Language.ZH, NOON, sample=True))
    document.signature_areas([AreaRequest(slot, slot) for slot in SLOTS])
    document.attach(Attachment("terms.json", data_file, "样本"))
    return document.render()


@dataclass(frozen=True)
class Round:
    """A signed round: the revisions in order (frozen first, sealed last) and who signed what."""

    authorities: Authorities
    frozen: FrozenDocument
    slots: dict[str, Slot]
    identities: dict[str, SigningIdentity]
    revisions: tuple[bytes, ...]

    @property
    def sealed(self) -> bytes:
        return self.revisions[-1]

    def expectation(self, **changes: Any) -> Expectation:
        """What the sealed file has to be; keyword arguments change it."""
        values: dict[str, Any] = {
            "slots": tuple(ExpectedSlot(slot, fingerprint(self.identities[slot])) for slot in SLOTS),
            "frozen_sha256": self.frozen.sha256,
            "terms_sha256": hashlib.sha256(terms()).hexdigest(),
            "knowledge": Knowledge(self.authorities.roots),
            "now": self.authorities.clock.time + timedelta(minutes=5),
            "freeze_certificate_sha256": fingerprint(self.identities[FREEZE_FIELD]),
        }
        return Expectation(**(values | changes))


def fingerprint(identity: SigningIdentity) -> str:
    return hashlib.sha256(identity.chain[0]).hexdigest()


def sign_round(
    authorities: Authorities,
    *,
    identities: dict[str, SigningIdentity] | None = None,
    paper: RenderedDocument | None = None,
    names: Mapping[str, str] = NAMES,
) -> Round:
    """Renders, freezes, signs every slot in order and seals. ``identities`` replaces a slot's own, ``paper`` the paper."""
    people = {slot: authorities.identity(slot, name=names.get(slot, "")) for slot in (FREEZE_FIELD, *SLOTS)}
    people |= identities or {}
    rendered = paper or render(terms())
    slots = {area.slot: Slot(area.slot, area.page, area.box) for area in rendered.areas}
    clock = authorities.clock
    frozen = freeze(rendered.content, list(slots.values()), people[FREEZE_FIELD], authorities, clock.now())
    revisions = [frozen.content]
    for slot in SLOTS[:-1]:
        revisions.append(sign_one(revisions[-1], slots[slot], people[slot], authorities))
    last = slots[SLOTS[-1]]
    stamp = StampText(NAMES[last.name], ("机构印章 Organisation seal",))
    sealed = seal(
        revisions[-1], last, people[last.name], stamp, authorities, authorities, authorities.roots, clock.now()
    )
    return Round(authorities, frozen, slots, people, (*revisions, sealed))


def sign_one(pdf: bytes, slot: Slot, identity: SigningIdentity, authorities: Authorities) -> bytes:
    stamp = StampText(NAMES[slot.name], ("样本 SAMPLE · 自签证书 self-issued",))
    return sign_slot(pdf, slot, identity, stamp, authorities, authorities.clock.now(), reason="签署 Signed")


@cache
def sealed_round() -> Round:
    """One sealed round for tests that only read it."""
    return sign_round(Authorities())
