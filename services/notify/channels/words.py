"""The words of every notice and code, from ``templates/<zh|en>/<template>.{subject,txt,sms}.j2``.

All templates are read when the service starts, so a missing one keeps it from starting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from services.notify.channels import days
from services.notify.domain.notice import Text
from services.notify.domain.values import CodePurpose

FOLDER = Path(__file__).parents[1] / "templates"
LOCALES = ("zh", "en")
_PARTS = ("subject", "txt", "sms")


_SAMPLE = {"zh": "【样本 SAMPLE】", "en": "[样本 SAMPLE] "}
_BRAND = {"zh": "【Comity】", "en": "Comity: "}
"""How a text message says from whom it is, as providers ask for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every mail says of us, by locale: who writes, and whom to ask."""

    sender: Mapping[str, str]
    help: Mapping[str, str]
    sign_in_address: str


class JinjaTemplates:
    """Implements ``application.ports.Templates``. What a template names and nobody gives is an error, not a blank."""

    def __init__(self, house: House, folder: Path = FOLDER) -> None:
        self.names = sorted({path.name.split(".")[0] for path in (folder / "zh").glob("*.subject.j2")})
        environments = {locale: _environment(locale, house, folder) for locale in LOCALES}
        self._templates: dict[tuple[str, str, str], Template] = {
            (locale, name, part): environment.get_template(f"{locale}/{name}.{part}.j2")
            for locale, environment in environments.items()
            for name in self.names
            for part in _PARTS
        }

    def notice(self, template: str, locale: str, facts: Mapping[str, object]) -> Text:
        """Title, body and text message of a notice. Raises KeyError for a template that does not exist."""
        chosen = locale if locale in LOCALES else "zh"
        title, body, short = (self._templates[chosen, template, part].render(facts).strip() for part in _PARTS)
        mark = _SAMPLE[chosen] if facts["sample"] else ""
        return Text(mark + title, body + "\n", _BRAND[chosen] + mark + short)

    def code(self, purpose: CodePurpose, locale: str, code: str, expire_time: datetime) -> Text:
        facts = {"code": code, "expire_time": expire_time, "sample": False}
        return self.notice(f"code_{purpose.value.lower()}", locale, facts)


def _environment(locale: str, house: House, folder: Path) -> Environment:
    # Values are escaped for the plain text they go into: nothing in a fact may start a line of its own.
    environment = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - plain text; HTML entities would be shown to the reader
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_one_line,
    )
    environment.globals |= {
        "sender": house.sender[locale],
        "help": house.help[locale],
        "sign_in_address": house.sign_in_address,
    }
    environment.filters |= days.filters(locale)
    return environment


def _one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value
