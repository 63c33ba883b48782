"""Regimes from their files, checked against the rule book: a regime cannot name a clock that nobody defined."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Self

from services.common.deadlines.datafile import Table, digest_of, read_folder
from services.common.deadlines.rule import Evidence
from services.common.deadlines.rulebook import RuleBook, periods_overlap
from services.common.kernel.errors import precondition
from services.common.regimes.regime import (
    NEEDED,
    OF_COURTS,
    OF_MATTERS,
    OF_REFERRALS,
    CaucusRelease,
    ClockPurpose,
    Competence,
    Confirmation,
    ConflictRule,
    EffectiveWhen,
    NoticeRule,
    Regime,
    SessionRule,
    SigningRule,
    SigningSlot,
    SlotRole,
)
from services.common.regimes.vocabulary import (
    BY_ITSELF,
    Channel,
    MatterKind,
    RecusalGround,
    ReferralKind,
    TerminationReason,
)


@dataclass(frozen=True, slots=True)
class RegimeBook:
    """Every version of every regime. ``digest`` is the SHA-256 (hex) of the files."""

    regimes: tuple[Regime, ...]
    digest: str

    @classmethod
    def load(cls, folder: Path, rulebook: RuleBook) -> Self:
        """Read ``folder/regimes``.

        Raises RuleFileError, naming file and key, for anything missing, unknown, overlapping or not in the rule book.
        """
        files = read_folder(folder, "regimes")
        regimes: list[Regime] = []
        for file in files:
            table = file.table()
            regime = _regime(table)
            _check(table, regime, rulebook)
            _refuse_overlap(table, regime, regimes)
            _refuse_two_purposes(table, regime, regimes)
            regimes.append(regime)
        return cls(tuple(regimes), digest_of(files))

    def at(self, id: str, when: datetime) -> Regime:
        """The version in force at an instant, by the day it is where the regime is at home.

        Raises LookupError for an unknown id, REGIME_NOT_IN_FORCE (FAILED_PRECONDITION) outside every version.
        """
        versions = [regime for regime in self.regimes if regime.id == id]
        if not versions:
            raise LookupError(f"no regime {id}")
        for regime in versions:
            if regime.in_force(regime.local_day(when)):
                return regime
        on = versions[0].local_day(when)
        raise precondition(
            "REGIME_NOT_IN_FORCE",
            f"{versions[0].name_zh}规则在{on}尚未生效或已失效",
            f"no version of {id} was in force on {on}",
            metadata={"regime": id, "on": on.isoformat()},
        )

    def for_referral(self, kind: str, when: datetime) -> Regime:
        """The regime that takes a court's referrals of this kind at an instant.

        Raises REFERRAL_KIND_NOT_SERVED (FAILED_PRECONDITION) where there is none.
        """
        for regime in self.regimes:
            if kind in regime.referral_kinds and regime.in_force(regime.local_day(when)):
                return regime
        raise precondition(
            "REFERRAL_KIND_NOT_SERVED",
            "本机构现行规则不受理此类委派或者委托",
            "no regime that is in force takes referrals of this kind",
            field="kind",
            metadata={"kind": kind},
        )

    def clocks(self, purpose: ClockPurpose) -> frozenset[str]:
        """The deadline rules that any regime names for this purpose."""
        return frozenset(regime.clock(purpose) for regime in self.regimes if regime.has_clock(purpose))

    def version(self, id: str, version: str) -> Regime:
        """The version a case runs under. Raises LookupError."""
        for regime in self.regimes:
            if (regime.id, regime.version) == (id, version):
                return regime
        raise LookupError(f"no regime {id} in version {version}")


def _regime(table: Table) -> Regime:
    referral_kinds = _values(table, "referral_kinds", ReferralKind)
    regime = Regime(
        id=table.text("id"),
        version=table.text("version"),
        effective_from=table.day("effective_from"),
        effective_to=table.day_if_any("effective_to"),
        name_zh=table.text("name_zh"),
        name_en=table.text("name_en"),
        zone=table.zone("zone"),
        sources=table.texts("sources"),
        evidence=table.choice("evidence", Evidence),
        matter_kinds=() if referral_kinds else _values(table, "matter_kinds", MatterKind),
        channels=() if referral_kinds else _values(table, "channels", Channel),
        excluded_subjects=table.texts("excluded_subjects"),
        referral_kinds=referral_kinds,
        end_reasons=_end_reasons(table),
        caucus_release=table.choice("caucus_release", CaucusRelease),
        agreement_title=table.text("agreement_title"),
        other_ways_zh=table.text("other_ways_zh").strip(),
        other_ways_en=table.text("other_ways_en").strip(),
        agreement_number_pattern=_number_pattern(table),
        responsibilities_required=table.flag("responsibilities_required"),
        clocks=_clocks(table.table("clocks")),
        notice=_notice(table.table("notice")),
        session=_session(table.table("session")),
        conflict=_conflict(table.table("conflict")),
        signing=_signing(table.table("signing")),
        confirmation=_confirmation(table.table("confirmation")),
    )
    table.finish()
    return regime


def _end_reasons(table: Table) -> tuple[str, ...]:
    reasons = table.choices("end_reasons", TerminationReason)
    if unfit := BY_ITSELF & set(reasons):
        names = ", ".join(sorted(each.value for each in unfit))
        raise table.error("end_reasons", f"{names} comes by itself and is not chosen")
    return tuple(each.value for each in reasons)


def _values(table: Table, key: str, kind: type[Enum]) -> tuple[str, ...]:
    return tuple(str(member.value) for member in table.choices(key, kind))


def _clocks(table: Table) -> Mapping[ClockPurpose, str]:
    clocks = {purpose: table.text(purpose.value) for purpose in ClockPurpose if table.has(purpose.value)}
    table.finish()
    return MappingProxyType(clocks)


def _session(table: Table) -> SessionRule:
    rule = SessionRule(
        notice=timedelta(hours=table.integer("notice_hours")),
        notice_waivable_by_all_parties=table.flag("notice_waivable_by_all_parties"),
        grace=timedelta(minutes=table.integer("grace_minutes")),
        no_shows_to_terminate=table.integer("no_shows_to_terminate", minimum=1),
        source=table.text("source"),
    )
    table.finish()
    return rule


def _notice(table: Table) -> NoticeRule:
    texts = ("rights_zh", "rights_en", "warning_zh", "warning_en")
    rule = NoticeRule(**{name: table.text(name).strip() for name in texts}, source=table.text("source"))
    table.finish()
    return rule


def _conflict(table: Table) -> ConflictRule:
    rule = ConflictRule(
        grounds=table.choices("grounds", RecusalGround),
        waivable_by_all_parties=table.flag("waivable_by_all_parties"),
        source=table.text("source"),
    )
    table.finish()
    return rule


def _signing(table: Table) -> SigningRule:
    slots: list[SigningSlot] = []
    for entry in table.tables("slots"):
        slot = SigningSlot(role=entry.choice("role", SlotRole), tier=entry.integer("tier", minimum=1, maximum=9))
        entry.finish()
        if any(other.role is slot.role for other in slots):
            raise entry.error("role", f"{slot.role.value} has a slot already")
        slots.append(slot)
    rule = SigningRule(
        slots=tuple(sorted(slots, key=lambda slot: slot.tier)),
        effective_when=table.choice("effective_when", EffectiveWhen),
        electronic_excluded_subjects=table.texts("electronic_excluded_subjects"),
        source=table.text("source"),
    )
    table.finish()
    _check_slots(table, rule)
    return rule


def _check_slots(table: Table, rule: SigningRule) -> None:
    """What the suite can serve: parties and a seal at least, and the seal alone in the end, for it closes the file."""
    roles = {slot.role for slot in rule.slots}
    if not {SlotRole.PARTY, SlotRole.ORGANISATION_SEAL} <= roles:
        raise table.error("slots", "needs PARTY, who agree, and ORGANISATION_SEAL, which closes the file")
    last = max(slot.tier for slot in rule.slots)
    if [slot.role for slot in rule.slots if slot.tier == last] != [SlotRole.ORGANISATION_SEAL]:
        raise table.error("slots", "ORGANISATION_SEAL closes the file: it needs the highest tier, alone")
    tiers = {slot.role: slot.tier for slot in rule.slots}
    if tiers.get(SlotRole.MEDIATOR, last) < tiers[SlotRole.PARTY]:
        raise table.error("slots", "MEDIATOR attests what the parties agree: not before them")
    by_mediator = (EffectiveWhen.PARTIES_AND_MEDIATOR, EffectiveWhen.PARTIES_MEDIATOR_AND_SEAL)
    if rule.effective_when in by_mediator and SlotRole.MEDIATOR not in roles:
        raise table.error("slots", f"{rule.effective_when.value} needs a slot for each of its signatures")


def _confirmation(table: Table) -> Confirmation:
    applies = table.flag("applies")
    confirmation = Confirmation(
        applies=applies,
        competence=table.choice("competence", Competence) if applies else None,
        excluded_subjects=table.texts("excluded_subjects") if applies else (),
        path_zh="" if applies else table.text("path_zh"),
        path_en="" if applies else table.text("path_en"),
        notice_zh=table.text("notice_zh").strip(),
        notice_en=table.text("notice_en").strip(),
        source=table.text("source"),
    )
    table.finish()
    return confirmation


def _number_pattern(table: Table) -> str:
    pattern = table.text("agreement_number_pattern")
    try:
        names = [name for _, name, _, _ in Formatter().parse(pattern) if name is not None]
    except ValueError:
        names = []
    if sorted(names) != ["number", "organisation", "year"]:
        raise table.error("agreement_number_pattern", "needs {year}, {organisation} and {number}, each once")
    return pattern


def _check(table: Table, regime: Regime, rulebook: RuleBook) -> None:
    if _entrusted(regime) and regime.confirmation.applies:
        raise table.error("confirmation.applies", "what is entrusted goes back to its court and is not confirmed")
    if regime.effective_to is not None and regime.effective_to < regime.effective_from:
        raise table.error("effective_to", "before effective_from")
    for purpose, rule_id in regime.clocks.items():
        if not rulebook.knows(rule_id, regime.id):
            raise table.error(f"clocks.{purpose.value}", f"there is no rule {rule_id} for {regime.id}")
    for purpose in ClockPurpose:
        _check_clock(table, regime, purpose)


def _check_clock(table: Table, regime: Regime, purpose: ClockPurpose) -> None:
    """A clock that has to run is there, one that could never run is not."""
    idle = _why_idle(regime, purpose)
    if regime.has_clock(purpose) and idle:
        raise table.error(f"clocks.{purpose.value}", f"would never run: {idle}")
    needed = purpose in NEEDED or (purpose is ClockPurpose.MEDIATE_SUMMARY and _entrusted(regime))
    if not regime.has_clock(purpose) and not idle and needed:
        raise table.error(f"clocks.{purpose.value}", "missing")


def _entrusted(regime: Regime) -> bool:
    return ReferralKind.ENTRUSTED.value in regime.referral_kinds


def _why_idle(regime: Regime, purpose: ClockPurpose) -> str:
    """Why a clock for this could never run under the regime; empty when it may."""
    if purpose in OF_COURTS and not regime.confirmation.applies:
        return "confirmation does not apply"
    if purpose in OF_MATTERS and regime.referral_kinds:
        return "it is for matters that people bring"
    if purpose in OF_REFERRALS and not regime.referral_kinds:
        return "it is for what a court refers"
    return ""


def _refuse_overlap(table: Table, regime: Regime, others: Iterable[Regime]) -> None:
    for other in others:
        overlap = periods_overlap(regime.effective_from, regime.effective_to, other.effective_from, other.effective_to)
        if other.id == regime.id and other.version == regime.version:
            raise table.error("version", f"{regime.id} has version {regime.version} twice")
        if other.id == regime.id and overlap:
            raise table.error("effective_from", f"overlaps version {other.version}")
        if overlap and (shared := set(other.referral_kinds) & set(regime.referral_kinds)):
            raise table.error("referral_kinds", f"{other.id} takes {', '.join(sorted(shared))} at the same time")


def _refuse_two_purposes(table: Table, regime: Regime, others: Iterable[Regime]) -> None:
    """What a clock does when it ends follows from what it is named for."""
    named = {rule: purpose for other in others for purpose, rule in other.clocks.items()}
    for purpose, rule in regime.clocks.items():
        if named.setdefault(rule, purpose) is not purpose:
            raise table.error(f"clocks.{purpose.value}", f"{rule} is named for {named[rule].value} already")
