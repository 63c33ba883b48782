"""How a case begins: from a forwarded matter, or from a court's referral that the organisation takes over or declines."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.common.kernel.errors import invalid
from services.common.kernel.ids import derived_id
from services.common.kernel.money import Money
from services.common.regimes import ClockPurpose
from services.mediation.application.ports import Work
from services.mediation.application.reach import as_administrator, as_party, meet_clock, start_clock, start_limit
from services.mediation.domain.case import Case
from services.mediation.domain.case_facts import OrganisationFacts
from services.mediation.domain.parties import CaseParty
from services.mediation.domain.vocabulary import CaseKind, CaseState, DeclineReason


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """What intake's or court_link's dossier says of a dispute that is to be mediated."""

    origin: str
    kind: CaseKind
    organisation: UUID
    organisation_facts: OrganisationFacts
    regime: str
    parties: tuple[CaseParty, ...]
    court: str = ""
    subject_matter: str = ""
    facts: str = ""
    request: str = ""
    amount: Money | None = None
    sample: bool = False
    summary_procedure: bool = False


async def open_case(tx: Work, command: OpenCase) -> Case:
    """Opens the case once for its origin; a second time gives the first."""
    known = await tx.cases.find(origin=command.origin, lock=True)
    if known is not None:
        return known
    regime_id, _, version = command.regime.partition("@")
    regime = tx.regimes.version(regime_id, version) if version else tx.regimes.at(regime_id, tx.now)
    bound = await tx.bindings(command.origin)
    parties = tuple(replace(each, account=bound.get(each.id, each.account)) for each in command.parties)
    referred = command.kind is not CaseKind.SELF_INITIATED
    consented = all(each.consented for each in parties)
    case = Case(
        id=derived_id("case", command.origin),
        organisation_id=command.organisation,
        number=await _number(tx, command.organisation, regime.local_day(tx.now).year),
        regime=f"{regime.id}@{regime.version}",
        kind=command.kind,
        state=CaseState.REFERRED if referred else CaseState.CONSENTED if consented else CaseState.CONSENT_PENDING,
        origin=command.origin,
        organisation_facts=command.organisation_facts,
        parties=parties,
        court=command.court,
        subject_matter=command.subject_matter,
        facts=command.facts,
        request=command.request,
        amount=command.amount,
        sample=command.sample,
        confirmation_available=regime.confirmation.applies,
        summary_procedure=command.summary_procedure,
    )
    case.announce()
    await tx.cases.add(case)
    if referred:
        await start_clock(tx, case, ClockPurpose.ACCEPT_REFERRAL)
    else:
        await start_limit(tx, case)
    if case.state is CaseState.CONSENTED:
        await start_clock(tx, case, ClockPurpose.DESIGNATE_MEDIATOR)
    return case


async def _number(tx: Work, organisation: UUID, year: int) -> str:
    """Each organisation counts its own cases of a local year."""
    return f"{year}-{await tx.next_number('case', organisation, year):06d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BindParty:
    """An account has proven, at intake or at the court's desk, to be this party."""

    origin: str
    party: UUID
    account: UUID


async def bind_party(tx: Work, command: BindParty) -> None:
    """Gives the account its party's reach; kept for later when the case is not there yet."""
    case = await tx.cases.find(origin=command.origin, lock=True)
    if case is None:
        await tx.keep_binding(command.origin, command.party, command.account)
    elif case.bind(command.party, command.account):
        await tx.cases.save(case)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptReferral:
    id: UUID
    version: int


async def accept_referral(tx: Work, command: AcceptReferral) -> Case:
    """The organisation takes the referral over; the mediation clock runs from now (法释〔2016〕14号第27条)."""
    case = await tx.cases.get(command.id, command.version)
    as_administrator(tx, case)
    case.accept_referral(await start_limit(tx, case))
    await start_clock(tx, case, ClockPurpose.CONTACT_OTHER_SIDE)
    await meet_clock(tx, case, ClockPurpose.ACCEPT_REFERRAL)
    return await tx.cases.save(case)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineReferral:
    id: UUID
    version: int
    reason: DeclineReason


async def decline_referral(tx: Work, command: DeclineReferral) -> Case:
    """The organisation declines with a ground (在线调解规则 12)."""
    case = await tx.cases.get(command.id, command.version)
    as_administrator(tx, case)
    case.decline(command.reason, tx.now)
    await tx.deadlines.cancel(case.id)
    return await tx.cases.save(case)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentToMediation:
    id: UUID
    version: int
    party: UUID
    mediation: bool
    online: bool


async def consent_to_mediation(tx: Work, command: ConsentToMediation) -> Case:
    """A party agrees to mediation, and separately to taking part online: of a referred case, or of one whose agreement a
    court dismissed, which opens again when all have asked for it (民事诉讼法 206). Raises CONSENT_MISSING."""
    case = await tx.cases.get(command.id, command.version)
    as_party(tx, case, command.party)
    if not command.mediation:
        raise invalid(
            "CONSENT_MISSING", "不同意调解的，请选择退出调解", "to refuse, leave the mediation", field="mediation"
        )
    if case.dismissed:
        if case.ask_for_mediation_anew(command.party):
            await start_limit(tx, case)
        return await tx.cases.save(case)
    case.consent(command.party, online=command.online, now=tx.now)
    if case.state is CaseState.CONSENTED:
        await meet_clock(tx, case, ClockPurpose.CONTACT_OTHER_SIDE)
        await start_clock(tx, case, ClockPurpose.DESIGNATE_MEDIATOR)
    return await tx.cases.save(case)
