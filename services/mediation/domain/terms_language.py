"""Terms for a court are written in Chinese (民事诉讼法第11条, 第273条); people may negotiate in another language before."""

from collections.abc import Iterator

from services.common.kernel.language import is_chinese
from services.mediation.domain.terms import Finding, Terms

_TEXTS = ("facts", "issues", "responsibilities", "default_clause", "costs", "release_scope")


def language_findings(terms: Terms) -> tuple[Finding, ...]:
    """Every text of the terms that is not in Chinese (CHINESE_TEXT_REQUIRED), by its path."""
    return tuple(_finding(path) for path, text in _written(terms) if not is_chinese(text))


def translated(text: str, agreed: str) -> bool:
    """Whether it is what was agreed: word for word, or in Chinese where that was not, which every party reads and signs."""
    return text == agreed or (
        bool(agreed.strip()) and bool(text.strip()) and not is_chinese(agreed) and is_chinese(text)
    )


def _written(terms: Terms) -> Iterator[tuple[str, str]]:
    for field in _TEXTS:
        yield field, getattr(terms, field)
    for index, item in enumerate(terms.unresolved):
        yield f"unresolved[{index}]", item
    for index, each in enumerate(terms.obligations):
        for field in ("description", "act", "payment_method"):
            yield f"obligations[{index}].{field}", getattr(each, field)


def _finding(field: str) -> Finding:
    """Told while people write, in their own language; the paper is not frozen with it."""
    return Finding(
        blocking=False,
        reason="CHINESE_TEXT_REQUIRED",
        field=field,
        message_zh="协议将提交人民法院，此处应当以中文书写；外文另作译文",
        message_en="the agreement goes to a court: write this in Chinese, the court takes no other language",
    )
