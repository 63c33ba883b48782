"""The words of every notice and code, from ``templates/<zh|en>/<template>.{subject,txt,sms}.j2``.

All templates are read when the service starts, so a missing one keeps it from starting.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from services.notify.application.ports import Sender
from services.notify.channels import days
from services.notify.domain.notice import Text
from services.notify.domain.values import CodePurpose

FOLDER = Path(__file__).parents[1] / "templates"
LOCALES = ("zh", "en")
_PARTS = ("subject", "txt", "sms")


PLATFORM = Sender()
_CALL = {"zh": "电话", "en": "Tel. "}
_SAMPLE = {"zh": "【样本 SAMPLE】", "en": "[样本 SAMPLE] "}
_BRAND = "Comity"
_SIGNATURE_LENGTH = 20
"""Providers in China want each text message to begin with who sends it, in such brackets, and no longer than this."""
_TWO_SEGMENTS = 134
"""Characters of two joined text messages with a Chinese character in them (UCS-2)."""
_MAY_BE_LEFT_OUT: Mapping[str, object] = {"provisional": False, "unconfirmed": False}
"""Facts that only some events know."""


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
        self._sign_in_address = house.sign_in_address
        self._templates: dict[tuple[str, str, str], Template] = {
            (locale, name, part): environment.get_template(f"{locale}/{name}.{part}.j2")
            for locale in LOCALES
            for part in _PARTS
            for environment in [_environment(locale, house, folder, short=part == "sms")]
            for name in self.names
        }

    def notice(self, template: str, locale: str, facts: Mapping[str, object], sender: Sender = PLATFORM) -> Text:
        """Title, body and text message of a notice in the sender's name. KeyError for a template that does not exist."""
        chosen = locale if locale in LOCALES else "zh"
        told = {**_MAY_BE_LEFT_OUT, **facts, "organisation": sender.display_name, "telephone": sender.telephone}
        title, body, short = (self._templates[chosen, template, part].render(told).strip() for part in _PARTS)
        mark = _SAMPLE[chosen] if facts["sample"] else ""
        return Text(mark + title, _without_gaps(body) + "\n", self._short(mark + short, chosen, sender))

    def code(self, purpose: CodePurpose, locale: str, code: str, expire_time: datetime) -> Text:
        facts = {"code": code, "expire_time": expire_time, "sample": False}
        return self.notice(f"code_{purpose.value.lower()}", locale, facts)

    def _short(self, said: str, locale: str, sender: Sender) -> str:
        """A text message begins with who sends it, and ends with whom to call and where to sign in if there is room."""
        short = f"【{_cut(sender.display_name or _BRAND)}】{said}"
        for label, value in ((_CALL[locale], sender.telephone), ("", self._sign_in_address)):
            if value and len(longer := f"{short} {label}{value}") <= _TWO_SEGMENTS:
                short = longer
        return short


def _cut(name: str) -> str:
    return name if len(name) <= _SIGNATURE_LENGTH else f"{name[: _SIGNATURE_LENGTH - 1]}…"


def _without_gaps(body: str) -> str:
    """Never two empty lines in a row, whatever was left out."""
    return re.sub(r"\n{3,}", "\n\n", body)


def _environment(locale: str, house: House, folder: Path, *, short: bool) -> Environment:
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
    environment.filters |= days.filters(locale, short=short)
    return environment


def _one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value
