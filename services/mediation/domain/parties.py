"""The people of a case: parties, those who act for them, and on what authority. No power is ever presumed.

An organisation never acts in person: a human acts for it, on an authority that is stated (民事诉讼法第51条, 第61条).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.common.kernel.errors import denied, precondition
from services.common.kernel.particulars import Particulars as Particulars
from services.mediation.domain.errors import acting_person_missing, authority_unsuitable
from services.mediation.domain.vocabulary import Authority, PartyKind, PartySide, Power

_FULL = frozenset({Authority.SELF, Authority.LEGAL_REPRESENTATIVE, Authority.GUARDIAN})
_OF_ORGANISATIONS_ONLY = Authority.LEGAL_REPRESENTATIVE
_OF_PERSONS_ONLY = Authority.GUARDIAN
TITLES = {
    Authority.LEGAL_REPRESENTATIVE: "法定代表人",
    Authority.GUARDIAN: "法定代理人",
    Authority.AGENT_GENERAL: "委托代理人",
    Authority.AGENT_SPECIAL: "特别授权代理人",
}
"""How documents and certificates say on what authority somebody acts for a party; nobody needs one to act in person."""
_POWER_NAMES = {
    Power.ADMIT_CLAIMS: ("承认诉讼请求", "admitting claims"),
    Power.WAIVE_CLAIMS: ("放弃、变更请求", "waiving or changing claims"),
    Power.SETTLE: ("进行和解", "settling"),
    Power.SIGN: ("代为签署", "signing"),
}


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
    duty: str = ""

    def valid_on(self, day: date) -> bool:
        return (self.start_date is None or self.start_date <= day) and (self.end_date is None or day <= self.end_date)

    def may(self, power: Power) -> bool:
        special = self.authority is Authority.AGENT_SPECIAL and power in self.powers
        return special or self.authority in _FULL


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Somebody who may sign in a place of the agreement, as it names them; ``authority`` None for mediator and seal."""

    account: UUID | None
    name: str
    on_behalf_of: str = ""
    authority: Authority | None = None

    @property
    def title(self) -> str:
        return TITLES.get(self.authority, "") if self.authority else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseParty:
    """A party of a case (当事人). ``account`` is None until somebody has proven to be this party.

    ``authority`` is that of ``account``: None for an organisation, where whoever holds the account must be named, with
    an authority, among the ``representatives``.
    """

    id: UUID
    side: PartySide
    particulars: Particulars
    account: UUID | None = None
    authority: Authority | None = Authority.SELF
    representatives: tuple[Representative, ...] = ()
    mediation_consent_time: datetime | None = None
    online_consent_time: datetime | None = None

    @property
    def name(self) -> str:
        return self.particulars.display_name

    @property
    def legal_representative(self) -> str:
        """Whom papers name as the legal representative: who acts in the case as such, else whom the filing named."""
        acting = (each for each in self.representatives if each.authority is Authority.LEGAL_REPRESENTATIVE)
        return next((each.display_name for each in acting), self.particulars.legal_representative)

    @property
    def consented(self) -> bool:
        return self.mediation_consent_time is not None

    @property
    def in_person(self) -> bool:
        """Whether the holder of ``account`` is the party itself."""
        return self.particulars.kind is PartyKind.NATURAL_PERSON and self.authority is Authority.SELF

    def signers(self, day: date) -> tuple[Signer, ...]:
        """Who may sign for the party on that day: itself, and those whose power covers it."""
        own = (Signer(account=self.account, name=self.name, authority=Authority.SELF),) if self.in_person else ()
        return own + tuple(
            Signer(account=each.account, name=each.display_name, on_behalf_of=self.name, authority=each.authority)
            for each in self.representatives
            if each.valid_on(day) and each.may(Power.SIGN)
        )

    def accounts(self) -> frozenset[UUID]:
        """Everybody who may see what the party may see."""
        own = {self.account} if self.account else set()
        return frozenset(own | {each.account for each in self.representatives})

    def acts(self, account: UUID | None) -> bool:
        return account is not None and account in self.accounts()

    def authority_of(self, account: UUID, day: date) -> Authority:
        """On what authority this person stands for the party today.

        Raises NOT_ACTING_FOR_PARTY (DENIED), AUTHORITY_EXPIRED, ACTING_PERSON_MISSING (FAILED_PRECONDITION).
        """
        if account == self.account and self.in_person:
            return Authority.SELF
        return self._representative(account, day).authority

    def require_power(self, account: UUID, power: Power, day: date) -> Authority:
        """The authority on which this person may do what the power covers (民事诉讼法第62条).

        Raises SPECIAL_AUTHORITY_MISSING (DENIED, naming the power) for a general agent (一般代理, 全权代理) and for a
        special one without it; AUTHORITY_EXPIRED; NOT_ACTING_FOR_PARTY; ACTING_PERSON_MISSING.
        """
        if account == self.account and self.in_person:
            return Authority.SELF
        representative = self._representative(account, day)
        if representative.may(power):
            return representative.authority
        zh, en = _POWER_NAMES[power]
        error = denied(
            "SPECIAL_AUTHORITY_MISSING",
            f"代理权限不足：缺少“{zh}”的特别授权（全权代理不等于特别授权）",
            f"special authority for {en} is missing; general authority does not cover it",
        )
        error.metadata["power"] = power.name
        raise error

    def require_principal(self, account: UUID) -> None:
        """Only the party itself may name agents; for an organisation, who holds its place. Raises PRINCIPAL_ONLY."""
        if account != self.account:
            raise denied("PRINCIPAL_ONLY", "只有当事人本人可以委托代理人", "only the party itself can name an agent")

    def with_representative(self, representative: Representative) -> "CaseParty":
        """Raises AUTHORITY_UNSUITABLE: nobody is an agent by being the party, nor a person's legal representative."""
        of_person = self.particulars.kind is PartyKind.NATURAL_PERSON
        unsuitable = {Authority.SELF, _OF_ORGANISATIONS_ONLY if of_person else _OF_PERSONS_ONLY}
        if representative.authority in unsuitable or (self.in_person and representative.account == self.account):
            raise authority_unsuitable()
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
        if account == self.account:
            raise acting_person_missing()
        raise denied("NOT_ACTING_FOR_PARTY", "您不代表该当事人", "you do not act for this party")
