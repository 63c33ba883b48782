"""What the parties agree on as data, and what keeps it from being enforceable (民诉法解释第358条: content unclear)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.common.kernel.errors import invalid
from services.common.kernel.money import Money
from services.common.kernel.printed_length import MOST_LINES, printed_lines
from services.mediation.domain.wording import leaves_breach_to_court, vague_time
from services.mediation.domain.written_dates import due_days, impossible_days

MOST_INSTALMENTS = 500
"""In one agreement, over all its obligations: 41 years by the month."""
PAST = "DUE_DATE_PAST"
_TEXTS = ("facts", "issues", "responsibilities", "default_clause", "costs", "release_scope")
LONGEST_YEARS = 100
"""From today to a due date: what lies beyond is a slip of the pen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One part of a payment, due on a local day."""

    amount: Money | None
    due_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """A payment or an act that one party owes another."""

    obligor: UUID | None
    obligee: UUID | None
    description: str = ""
    amount: Money | None = None
    act: str = ""
    due_date: date | None = None
    instalments: tuple[Instalment, ...] = ()
    payment_method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of an offer or an agreement. ``total`` is the sum of all payments as the parties state it."""

    facts: str = ""
    issues: str = ""
    responsibilities: str = ""
    obligations: tuple[Obligation, ...] = ()
    default_clause: str = ""
    costs: str = ""
    release_scope: str = ""
    unresolved: tuple[str, ...] = ()
    copies: int = 0
    total: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about terms; ``field`` is its path. ``blocking``: it keeps them from being enforceable, and no agreement is
    drafted with it. Others are told, and left to who writes the terms.
    """

    reason: str
    field: str
    message_zh: str
    message_en: str
    blocking: bool = True


def size_finding(terms: Terms) -> Finding | None:
    """What keeps the terms from being put on paper: too many instalments, or too many lines; None when they fit."""
    instalments = sum(len(each.instalments) for each in terms.obligations)
    if instalments > MOST_INSTALMENTS:
        return finding(
            "TOO_MANY_INSTALMENTS",
            "obligations",
            f"分期共{instalments}期，最多{MOST_INSTALMENTS}期，请合并期次",
            f"there are {instalments} instalments in all, {MOST_INSTALMENTS} at most: join some",
        )
    lines = instalments + printed_lines(_printed(terms))
    if lines > MOST_LINES:
        return finding(
            "TERMS_TOO_LONG",
            "",
            f"全文约{lines}行，最多{MOST_LINES}行，请缩短正文或者减少换行",
            f"the text takes some {lines} lines, {MOST_LINES} at most: shorten it or use fewer line breaks",
        )
    return None


def require_fits(terms: Terms) -> None:
    """Raises TOO_MANY_INSTALMENTS, TERMS_TOO_LONG (INVALID): accepted is only what can be drawn and signed."""
    if found := size_finding(terms):
        field = f"terms.{found.field}" if found.field else "terms"
        raise invalid(found.reason, found.message_zh, found.message_en, field=field)


def _printed(terms: Terms) -> Iterator[str]:
    """Every text that the agreement prints."""
    yield from (terms.facts, terms.issues, terms.responsibilities)
    yield from (terms.default_clause, terms.costs, terms.release_scope)
    yield from terms.unresolved
    for each in terms.obligations:
        yield from (each.description, each.act, each.payment_method)


def finding(reason: str, field: str, zh: str, en: str, *, blocking: bool = True) -> Finding:
    return Finding(reason=reason, field=field, message_zh=zh, message_en=en, blocking=blocking)


def validate(
    terms: Terms,
    parties: Iterable[UUID],
    *,
    responsibilities_required: bool = False,
    today: date | None = None,
    names: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Everything that is missing, contradictory or doubtful; nothing blocks what could be enforced.

    ``responsibilities_required``: people's mediation also states each party's responsibility (人民调解法第29条).
    ``today``: the local day from which due dates are looked at. ``names`` of people in the case, which are no words of
    the terms.
    """
    known = frozenset(parties)
    if too_large := size_finding(terms):
        return (too_large,)
    found = [*_whole(terms, names, responsibilities_required=responsibilities_required)]
    for index, obligation in enumerate(terms.obligations):
        path = f"obligations[{index}]"
        found += _obligation(obligation, path, known)
        found += _wording(obligation, path, names)
        found += _days(obligation, path, today)
    found += _total(terms)
    return tuple(found)


def _whole(terms: Terms, names: Collection[str], *, responsibilities_required: bool) -> Iterator[Finding]:
    if not terms.obligations:
        yield finding("OBLIGATION_MISSING", "obligations", "没有任何履行内容", "nothing is owed by anybody")
    required = [("facts", "主要事实", "the main facts"), ("issues", "争议事项", "the issues")]
    if responsibilities_required:
        required.append(("responsibilities", "各方责任", "each party's responsibility"))
    required += [
        ("default_clause", "违约条款", "the default clause"),
        ("costs", "费用负担", "who bears the costs"),
        ("release_scope", "了结范围", "the scope of release"),
    ]
    for field, zh, en in required:
        if not getattr(terms, field).strip():
            yield finding(f"{field.upper()}_MISSING", field, f"缺少{zh}", f"{en} are missing")
    for field in _TEXTS:
        for day in impossible_days(getattr(terms, field)):
            yield _no_such_day(field, day, blocking=False)
    if terms.copies < 1:
        yield finding("COPIES_MISSING", "copies", "未写明份数", "the number of copies is missing")
    if leaves_breach_to_court(terms.default_clause, names):
        yield finding(
            "COURT_DECIDES_BREACH",
            "default_clause",
            "不得约定违约时由法院裁判（民事调解规定第8条）",
            "it may not say that the court shall decide on breach",
        )


def _obligation(obligation: Obligation, path: str, known: frozenset[UUID]) -> Iterator[Finding]:
    for field in ("obligor", "obligee"):
        if getattr(obligation, field) not in known:
            yield finding(
                "PARTY_UNKNOWN", f"{path}.{field}", "义务人或权利人不是本案当事人", "that is no party of the case"
            )
    if obligation.obligor is not None and obligation.obligor == obligation.obligee:
        yield finding("SAME_PARTY", f"{path}.obligee", "义务人与权利人相同", "a party owes itself")
    if (obligation.amount is None) == (not obligation.act.strip()):
        yield finding(
            "AMOUNT_OR_ACT", path, "须写明金额或者行为，二者居其一", "it needs an amount or an act, one of both"
        )
    if obligation.amount is not None:
        yield from _payment(obligation, obligation.amount, path)
    elif obligation.due_date is None:
        yield finding("DUE_DATE_MISSING", f"{path}.due_date", "缺少履行日期", "the due date is missing")


def _payment(obligation: Obligation, amount: Money, path: str) -> Iterator[Finding]:
    if amount.minor_units <= 0:
        yield finding("AMOUNT_NOT_POSITIVE", f"{path}.amount", "金额应大于零", "the amount is not above zero")
    if not obligation.payment_method.strip():
        yield finding(
            "PAYMENT_METHOD_MISSING", f"{path}.payment_method", "缺少收款账户或者支付方式", "how to pay is missing"
        )
    if not obligation.instalments:
        if obligation.due_date is None:
            yield finding("DUE_DATE_MISSING", f"{path}.due_date", "缺少履行日期", "the due date is missing")
        return
    yield from _instalments(obligation, amount, path)


def _instalments(obligation: Obligation, amount: Money, path: str) -> Iterator[Finding]:
    parts = obligation.instalments
    for index, part in enumerate(parts):
        where = f"{path}.instalments[{index}]"
        if part.due_date is None:
            yield finding("DUE_DATE_MISSING", f"{where}.due_date", "缺少履行日期", "the due date is missing")
        if part.amount is None or part.amount.minor_units <= 0:
            yield finding("AMOUNT_NOT_POSITIVE", f"{where}.amount", "金额应大于零", "the amount is not above zero")
    amounts = [part.amount for part in parts if part.amount is not None]
    if (
        any(each.currency != amount.currency for each in amounts)
        or sum(each.minor_units for each in amounts) != amount.minor_units
    ):
        yield finding(
            "INSTALMENTS_DIFFER",
            f"{path}.instalments",
            "各期之和与总额不符",
            "the instalments do not add up to the amount",
        )
    days = [part.due_date for part in parts if part.due_date is not None]
    if days != sorted(days):
        yield finding(
            "INSTALMENTS_UNORDERED", f"{path}.instalments", "各期日期未按先后排列", "the instalments are not in order"
        )


def _total(terms: Terms) -> Iterator[Finding]:
    payments = [each.amount for each in terms.obligations if each.amount is not None]
    currencies = {each.currency for each in payments}
    if len(currencies) > 1:
        yield finding("CURRENCY_MIXED", "obligations", "币种不一致", "the payments are in several currencies")
    elif terms.total is None and payments:
        yield finding("TOTAL_MISSING", "total", "缺少总额", "the total is missing")
    elif terms.total is not None and sum(each.minor_units for each in payments) != terms.total.minor_units:
        yield finding("TOTAL_DIFFERS", "total", "各项之和与总额不符", "the payments do not add up to the total")
    elif terms.total is not None and currencies and terms.total.currency not in currencies:
        yield finding("CURRENCY_MIXED", "total", "币种不一致", "the total is in another currency")


def _wording(obligation: Obligation, path: str, names: Collection[str]) -> Iterator[Finding]:
    for field in ("description", "act"):
        if vague := vague_time(getattr(obligation, field), names):
            yield finding(
                "TIME_VAGUE",
                f"{path}.{field}",
                f"“{vague}”未说明具体时间，以履行日期为准；建议删去或者写明日期",
                f"'{vague}' names no time: the due date counts; better leave it out or name the day",
                blocking=False,
            )
    for field in ("description", "act", "payment_method"):
        for day in impossible_days(getattr(obligation, field)):
            yield _no_such_day(f"{path}.{field}", day, blocking=True)


def _no_such_day(where: str, day: str, *, blocking: bool) -> Finding:
    zh, en = f"“{day}”这一天不存在，请更正", f"there is no such day as {day}: correct it"
    return finding("DUE_DATE_IMPOSSIBLE", where, zh, en, blocking=blocking)


def _days(obligation: Obligation, path: str, today: date | None) -> Iterator[Finding]:
    parts = [
        (f"{path}.instalments[{index}].due_date", each.due_date) for index, each in enumerate(obligation.instalments)
    ]
    due = [(f"{path}.due_date", obligation.due_date), *parts]
    known = [(where, day) for where, day in due if day is not None]
    if today is not None:
        yield from _unkept(known, today)
    yield from _contradictions(obligation, path, {day for _, day in known})


def _unkept(known: Iterable[tuple[str, date]], today: date) -> Iterator[Finding]:
    for where, day in known:
        if day < today:
            zh, en = f"履行日期{day.isoformat()}已过", f"the due date {day.isoformat()} is over"
            yield finding(PAST, where, zh, en)
        elif day.year > today.year + LONGEST_YEARS:
            zh = f"履行日期{day.isoformat()}超过{LONGEST_YEARS}年，请核对年份"
            en = f"the due date {day.isoformat()} is more than {LONGEST_YEARS} years away: look at the year"
            yield finding("DUE_DATE_IMPOSSIBLE", where, zh, en)


def _contradictions(obligation: Obligation, path: str, days: set[date]) -> Iterator[Finding]:
    last = max((each.due_date for each in obligation.instalments if each.due_date), default=None)
    if obligation.due_date is not None and last is not None and obligation.due_date != last:
        yield finding(
            "DUE_DATES_CONTRADICT",
            f"{path}.due_date",
            f"履行日期{obligation.due_date.isoformat()}与最后一期{last.isoformat()}不一致，请只留其一或者改为相同",
            f"the due date {obligation.due_date.isoformat()} is not that of the last instalment, {last.isoformat()}: "
            "leave one of them out, or make them the same",
        )
    for field in ("description", "act"):
        for day in due_days(getattr(obligation, field)):
            if days and day not in days:
                yield finding(
                    "DUE_DATES_CONTRADICT",
                    f"{path}.{field}",
                    f"文字中的日期{day.isoformat()}与履行日期不一致，请核对",
                    f"the text names {day.isoformat()}, which is no due date of this obligation: compare them",
                    blocking=False,
                )
