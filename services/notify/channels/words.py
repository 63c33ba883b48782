"""The words of every notice and code, from ``templates/<zh|en>/<template>.{subject,txt,sms}.j2``.

All templates are read when the service starts, so a missing one keeps it from starting.
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from services.notify.domain.notice import Text
from services.notify.domain.values import HOUSE_ZONE, CodePurpose

FOLDER = Path(__file__).parents[1] / "templates"
LOCALES = ("zh", "en")
_PARTS = ("subject", "txt", "sms")


class JinjaTemplates:
    """Implements ``application.ports.Templates``. What a template names and nobody gives is an error, not a blank."""

    def __init__(self, folder: Path = FOLDER) -> None:
        # Values are escaped for the plain text they go into: nothing in a fact may start a line of its own.
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - plain text; HTML entities would be shown to the reader
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_one_line,
        )
        self._environment.filters |= {"day": _day, "moment": _moment}
        self.names = sorted({path.name.split(".")[0] for path in (folder / "zh").glob("*.subject.j2")})
        self._templates: dict[tuple[str, str, str], Template] = {
            (locale, name, part): self._environment.get_template(f"{locale}/{name}.{part}.j2")
            for locale in LOCALES
            for name in self.names
            for part in _PARTS
        }

    def notice(self, template: str, locale: str, facts: Mapping[str, object]) -> Text:
        """Title, body and text message of a notice. Raises KeyError for a template that does not exist."""
        chosen = locale if locale in LOCALES else "zh"
        title, body, short = (self._templates[chosen, template, part].render(facts) for part in _PARTS)
        return Text(title.strip(), body.strip() + "\n", short.strip())

    def code(self, purpose: CodePurpose, locale: str, code: str, expire_time: datetime) -> Text:
        facts = {"code": code, "expire_time": expire_time, "sample": False}
        return self.notice(f"code_{purpose.value.lower()}", locale, facts)


def _one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def _day(value: object) -> str:
    """A local day, ISO 8601."""
    return value.isoformat() if isinstance(value, date) else str(value)


def _moment(value: datetime) -> str:
    """A moment in local time, to the minute."""
    return f"{value.astimezone(HOUSE_ZONE):%Y-%m-%d %H:%M}"
