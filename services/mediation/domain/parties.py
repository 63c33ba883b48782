"""The people of a case: parties, those who act for them, and on what authority. No power is ever presumed."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.common.kernel.errors import denied, precondition
from services.mediation.domain.vocabulary import Authority, PartyKind, PartySide, Power

_FULL = frozenset({Authority.SELF, Authority.LEGAL_REPRESENTATIVE, Authority.GUARDIAN})
_POWER_NAMES = {
    Power.ADMIT_CLAIMS: ("承认诉讼请求", "admitting claims"),
    Power.WAIVE_CLAIMS: ("放弃、变更请求", "waiving or changing claims"),
    Power.SETTLE: ("进行和解", "settling"),
    Power.SIGN: ("代为签署", "signing"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """Who a party is. Shown in full to itself, masked to everybody else."""

    display_name: str
    kind: PartyKind
    identity_number: str = ""
    address: str = ""
    region_code: str = ""
    email: str = ""
    phone: str = ""
    locale: str = "zh"

    def masked(self) -> "Particulars":
        """What the other side may see: the name, and enough of the number to tell two namesakes apart."""
        return replace(
            self, identity_number=mask(self.identity_number), address="", email="", phone=mask(self.phone, head=3)
        )


def mask(number: str, head: int = 4, tail: int = 2) -> str:
    """``3201************12``: head and tail of a number, the rest hidden."""
    if len(number) <= head + tail:
        return "*" * len(number)
    return number[:head] + "*" * (len(number) - head - tail) + number[-tail:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Representative:
    """Somebody who acts for a party (代理人). Dates are local days of the regime, both inclusive."""

    account: UUID
    display_name: str
    authority: Authority
    powers: tuple[Power, ...] = ()
    start_date: date | None = None
    end_date: date | None = None
    employer: str = ""

    def valid_on(self, day: date) -> bool:
        return (self.start_date is None or self.start_date <= day) and (self.end_date is None or day <= self.end_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseParty:
    """A party of a case (当事人). ``account`` is None until somebody has proven to be this party."""

    id: UUID
    side: PartySide
    particulars: Particulars
    account: UUID | None = None
    authority: Authority = Authority.SELF
    representatives: tuple[Representative, ...] = ()
    mediation_consent_time: datetime | None = None
    online_consent_time: datetime | None = None

    @property
    def name(self) -> str:
        return self.particulars.display_name

    @property
    def consented(self) -> bool:
        return self.mediation_consent_time is not None

    def accounts(self) -> frozenset[UUID]:
        """Everybody who may see what the party may see."""
        own = {self.account} if self.account else set()
        return frozenset(own | {each.account for each in self.representatives})

    def acts(self, account: UUID | None) -> bool:
        return account is not None and account in self.accounts()

    def authority_of(self, account: UUID, day: date) -> Authority:
        """On what authority this person stands for the party today.

        Raises NOT_ACTING_FOR_PARTY (DENIED), AUTHORITY_EXPIRED (FAILED_PRECONDITION).
        """
        if account == self.account:
            return self.authority
        return self._representative(account, day).authority

    def require_power(self, account: UUID, power: Power, day: date) -> Authority:
        """The authority on which this person may do what the power covers (民事诉讼法第62条).

        Raises SPECIAL_AUTHORITY_MISSING (DENIED, naming the power) for a general agent (一般代理, 全权代理) and for a
        special one without it; AUTHORITY_EXPIRED; NOT_ACTING_FOR_PARTY.
        """
        authority = self.authority_of(account, day)
        if authority in _FULL:
            return authority
        held = self._representative(account, day).powers if account != self.account else ()
        if authority is Authority.AGENT_SPECIAL and power in held:
            return authority
        zh, en = _POWER_NAMES[power]
        error = denied(
            "SPECIAL_AUTHORITY_MISSING",
            f"代理权限不足：缺少“{zh}”的特别授权（全权代理不等于特别授权）",
            f"special authority for {en} is missing; general authority does not cover it",
        )
        error.metadata["power"] = power.name
        raise error

    def require_principal(self, account: UUID) -> None:
        """Only the party itself may name agents. Raises PRINCIPAL_ONLY (DENIED)."""
        if account != self.account or self.authority not in _FULL:
            raise denied("PRINCIPAL_ONLY", "只有当事人本人可以委托代理人", "only the party itself can name an agent")

    def with_representative(self, representative: Representative) -> "CaseParty":
        others = tuple(each for each in self.representatives if each.account != representative.account)
        return replace(self, representatives=(*others, representative))

    def _representative(self, account: UUID, day: date) -> Representative:
        for each in self.representatives:
            if each.account == account:
                if not each.valid_on(day):
                    raise precondition(
                        "AUTHORITY_EXPIRED",
                        "授权尚未生效或已过期",
                        "the authority is not valid today",
                        metadata={"start_date": str(each.start_date or ""), "end_date": str(each.end_date or "")},
                    )
                return each
        raise denied("NOT_ACTING_FOR_PARTY", "您不代表该当事人", "you do not act for this party")
