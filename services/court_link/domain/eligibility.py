"""Whether a court may be asked to confirm an agreement, and which court (domain §1.1, §1.3).

Nothing here changes anything: the same assessment answers a question and guards an application.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.common.deadlines import is_over
from services.common.kernel.errors import DomainError, ErrorKind
from services.common.regimes.regime import Competence, Regime
from services.court_link.domain.agreement import SealedAgreement
from services.court_link.domain.application import ENDED_WITHOUT_RULING, ApplicationState
from services.court_link.domain.court import Court, CourtLevel
from services.court_link.domain.window import WindowState

NEW_AGREEMENT = "NEW_AGREEMENT"
AFTER_THE_WINDOW = (NEW_AGREEMENT, "NOTARISED_ENFORCEABILITY", "PAYMENT_ORDER", "SUIT")
"""What is left when confirmation is not (domain §9.6)."""
FOR_ENTRUSTED = ("COURT_MEDIATION_STATEMENT", "WITHDRAWAL_OF_SUIT")


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowView:
    """The window of an agreement: until when (``due_time``: the first instant too late, aware UTC), and its state."""

    due_date: date
    due_time: datetime
    state: WindowState
    provisional: bool = False

    def ended(self, now: datetime) -> bool:
        """Whether it is too late to apply: see ``is_over``."""
        return is_over(self.due_time, now, provisional=self.provisional)


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """What the applicants state of the dispute, and nobody here can know: where its subject matter is (GB/T 2260, empty for
    nowhere else), and whether it belongs to an intermediate court (CPL 205(2))."""

    subject_region_code: str = ""
    intermediate: bool = False


NOTHING_STATED = Venue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """One thing in the way, with its stable code and what can be done instead."""

    reason: str
    message_zh: str
    message_en: str
    alternatives: tuple[str, ...] = ()

    def refusal(self) -> DomainError:
        """The same as an error, for who tries all the same."""
        kind = ErrorKind.ALREADY_EXISTS if self.reason == "ALREADY_APPLIED" else ErrorKind.FAILED_PRECONDITION
        metadata = {"alternatives": ",".join(self.alternatives)} if self.alternatives else {}
        return DomainError(kind, self.reason, self.message_zh, self.message_en, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """What stands in the way (nothing: eligible), the competent courts, and the days left, today not counted."""

    obstacles: tuple[Obstacle, ...]
    courts: tuple[Court, ...] = ()
    remaining_days: int = 0

    @property
    def eligible(self) -> bool:
        return not self.obstacles


NOT_SEALED = Obstacle(
    reason="AGREEMENT_NOT_SEALED",
    message_zh="没有您名下已盖章完成的该调解协议；盖章完成后即可申请",
    message_en="there is no sealed agreement of yours under this name; once it is sealed you may apply",
)


def assess(
    agreement: SealedAgreement,
    regime: Regime,
    window: WindowView | None,
    courts: Iterable[Court],
    earlier: Iterable[ApplicationState],
    now: datetime,
    court: UUID | None = None,
    venue: Venue = NOTHING_STATED,
) -> Eligibility:
    """Every obstacle at ``now`` (aware UTC). ``earlier``: states of former applications; ``court``: the one named."""
    if not regime.confirmation.applies:
        return Eligibility(obstacles=(_entrusted(regime),))
    able = tuple(each for each in courts if _competent(each, agreement, regime, venue))
    found = [
        *_excluded(agreement, regime),
        *_window(window, earlier, now),
        *_applied(earlier),
        *_court(able, court, regime.confirmation.competence),
    ]
    left = _days_left(window, regime.zone, now) if window else 0
    return Eligibility(obstacles=tuple(found), courts=able, remaining_days=left)


def _entrusted(regime: Regime) -> Obstacle:
    return Obstacle(
        reason="NOT_CONFIRMABLE_ENTRUSTED",
        message_zh=regime.confirmation.path_zh,
        message_en=regime.confirmation.path_en,
        alternatives=FOR_ENTRUSTED,
    )


def _excluded(agreement: SealedAgreement, regime: Regime) -> list[Obstacle]:
    if agreement.subject_matter not in regime.confirmation.excluded_subjects:
        return []
    zh, en = _EXCLUDED.get(agreement.subject_matter, ("不属于司法确认范围", "outside what can be confirmed"))
    return [
        Obstacle(
            reason="EXCLUDED_SUBJECT",
            message_zh=f"{zh}（民诉法解释第355条，{agreement.subject_matter}）",
            message_en=f"{en} (CPL Interp. 355, {agreement.subject_matter})",
            alternatives=("SUIT",),
        )
    ]


def _window(window: WindowView | None, earlier: Iterable[ApplicationState], now: datetime) -> list[Obstacle]:
    if window is None:
        zh, en = "协议尚未生效", "the agreement is not effective yet"
        return [Obstacle(reason="AGREEMENT_NOT_EFFECTIVE", message_zh=zh, message_en=en)]
    if window.state is WindowState.CLOSED:
        zh, en = "该协议已被新的协议取代", "another agreement has taken its place"
        return [Obstacle(reason="AGREEMENT_SUPERSEDED", message_zh=zh, message_en=en, alternatives=(NEW_AGREEMENT,))]
    return [window_lapsed(window.due_date)] if window.ended(now) and not _under_way(earlier) else []


def window_lapsed(due: date) -> Obstacle:
    """The thirty days are over; the agreement stays a contract (CPL 205)."""
    return Obstacle(
        reason="WINDOW_LAPSED",
        message_zh=f"申请期限已于{due}届满。协议仍具合同效力；可另行达成协议、办理赋强公证、申请支付令或者起诉",
        message_en=(
            f"the time to apply ended on {due}. The agreement remains a contract; a new agreement, notarised "
            "enforceability, a payment order or a suit are left"
        ),
        alternatives=AFTER_THE_WINDOW,
    )


def _applied(earlier: Iterable[ApplicationState]) -> list[Obstacle]:
    states = set(earlier)
    if states & {ApplicationState.CONFIRMED, ApplicationState.DISMISSED}:
        zh, en = "法院已就该协议作出裁定", "a court has ruled on this agreement"
        left = (NEW_AGREEMENT, "SUIT") if ApplicationState.DISMISSED in states else ()
        return [Obstacle(reason="ALREADY_DECIDED", message_zh=zh, message_en=en, alternatives=left)]
    if _under_way(states):
        zh, en = "该协议已有正在办理的司法确认申请", "an application for this agreement is already under way"
        return [Obstacle(reason="ALREADY_APPLIED", message_zh=zh, message_en=en)]
    return []


def _under_way(earlier: Iterable[ApplicationState]) -> bool:
    return any(state not in ENDED_WITHOUT_RULING for state in earlier)


def _court(able: tuple[Court, ...], named: UUID | None, competence: Competence | None) -> list[Obstacle]:
    """Says what is known and what is not: whether a court has jurisdiction is for courts to say."""
    if any(named is None or court.id == named for court in able):
        return []
    zh, en = ("没有已登记的符合条件的法院。", "no court that fits is registered here. ") if named is None else ("", "")
    if competence is Competence.INVITING_COURT:
        zh += "经法院邀请开展先行调解的，应当向作出邀请的人民法院提出（民事诉讼法第205条第1项）"
        en += "what a court invited to mediate is brought to that court (CPL 205(1))"
    else:
        zh += (
            "按已登记的当事人住所地、调解组织所在地，以及您填写的标的物所在地和审级，所选法院不在其中。"
            "标的物在其辖区内的，请填写标的物所在地；纠纷应当由中级人民法院管辖的，请注明（民事诉讼法第205条第2项）"
        )
        en += (
            "by the domiciles and the seat on file, and the place and level that you stated, the court named is not among "
            "them. If the subject matter lies in its territory, state its place; if the dispute belongs to an intermediate "
            "court, say so (CPL 205(2))"
        )
    return [Obstacle(reason="COURT_NOT_COMPETENT", message_zh=zh, message_en=en)]


def _competent(court: Court, agreement: SealedAgreement, regime: Regime, venue: Venue) -> bool:
    """CPL 205: the inviting court alone; otherwise the basic courts of domiciles, of the subject matter and of the
    organisation's seat, or the intermediate ones of these places where the dispute belongs to one."""
    if regime.confirmation.competence is Competence.INVITING_COURT:
        return court.id == agreement.court
    level = CourtLevel.INTERMEDIATE if venue.intermediate else CourtLevel.BASIC
    return court.level is level and any(court.serves(place) for place in places_of(agreement, venue))


def places_of(agreement: SealedAgreement, venue: Venue) -> list[str]:
    """The places whose courts the law names (GB/T 2260)."""
    domiciles = [party.particulars.region_code for party in agreement.parties]
    return [*domiciles, agreement.organisation_region_code, venue.subject_region_code]


def _days_left(window: WindowView, zone: ZoneInfo, now: datetime) -> int:
    return max((window.due_date - now.astimezone(zone).date()).days, 0)


_EXCLUDED = {
    "OUT_OF_SCOPE": ("不属于人民法院受理民事案件的范围", "outside the civil competence of the courts"),
    "STATUS_RELATION": ("涉及婚姻关系、亲子关系、收养关系等身份关系", "concerns a status relation"),
    "OTHER_PROCEDURE": ("适用其他特别程序、公示催告程序、破产程序", "belongs to another special procedure"),
    "RIGHTS_DETERMINATION": ("涉及物权、知识产权确权", "determines real rights or intellectual property"),
}
