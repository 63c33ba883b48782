"""Mail addresses and telephone numbers: which are taken, and the one spelling in which each is kept and compared.

A mail address is a plain dot-atom and a domain of labels (RFC 5321, 4.1.2 and 4.5.3.1). Quoted local parts, comments,
address literals, ``%`` and ``!`` routes are refused, because each is a second way to write an address of somebody else.
"""

import re
from dataclasses import dataclass
from enum import Enum

import idna

from services.common.kernel.characters import narrow
from services.common.kernel.errors import DomainError, invalid
from services.common.kernel.masking import masked_contact
from services.common.kernel.phones import normal_phone

_ATOM = r"[a-z0-9#$&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(\.{_ATOM})*", re.ASCII)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_LOCAL_PART_LENGTH, _ADDRESS_LENGTH = 64, 254


class ContactKind(Enum):
    EMAIL = "EMAIL"
    PHONE = "PHONE"


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact in its one spelling: mail in lower case with A-labels (RFC 5890), telephone as E.164."""

    kind: ContactKind
    value: str

    @property
    def counted(self) -> str:
        """What it is counted by: the mailbox, whatever tag follows a ``+`` in its name."""
        name, at, domain = self.value.partition("@")
        return f"{name.partition('+')[0] or name}@{domain}" if at else self.value

    @property
    def tagged(self) -> bool:
        return self.counted != self.value

    @property
    def masked(self) -> str:
        """``z***@example.org`` or ``+861****0001``."""
        return masked_contact(self.value)


def parse_contact(text: str, field: str = "contact") -> Contact:
    """The contact in a text. Raises CONTACT_MALFORMED (INVALID), naming the field."""
    spelled = narrow(text).strip()
    if "@" in spelled:
        return Contact(ContactKind.EMAIL, _email(spelled, field))
    phone = normal_phone(text)
    if phone is None:
        raise contact_malformed(field)
    return Contact(ContactKind.PHONE, phone)


def parse_optional(text: str, kind: ContactKind, field: str) -> str:
    """The one spelling of a contact of this kind, or nothing of nothing. Raises CONTACT_MALFORMED (INVALID)."""
    return parse_required(text, kind, field) if text.strip() else ""


def parse_required(text: str, kind: ContactKind, field: str) -> str:
    """The one spelling of a contact of this kind. Raises CONTACT_MALFORMED (INVALID)."""
    contact = parse_contact(text, field)
    if contact.kind is not kind:
        raise contact_malformed(field)
    return contact.value


def contact_malformed(field: str) -> DomainError:
    return invalid(
        "CONTACT_MALFORMED",
        "请填写电子邮箱（如 name@example.org）或者电话号码（如 138 0000 0000、010-12345678、+44 20 7946 0000）",
        "expected a mail address (name@example.org) or a telephone number (138 0000 0000, 010-12345678, +44 20 7946 0000)",
        field=field,
    )


def _email(text: str, field: str) -> str:
    local_part, _, domain = text.rpartition("@")
    address = f"{local_part.lower()}@{_domain(domain, field)}"
    fits = len(local_part) <= _LOCAL_PART_LENGTH and len(address) <= _ADDRESS_LENGTH
    if not fits or not _LOCAL_PART.fullmatch(local_part.lower()):
        raise contact_malformed(field)
    return address


def _domain(text: str, field: str) -> str:
    """At least two labels of letters, digits and hyphens, the last one no number; what is not ASCII as A-labels."""
    spelled = text.lower()
    if not spelled.isascii():
        if not spelled.isprintable():  # What does not show would be dropped, and two spellings be one.
            raise contact_malformed(field)
        try:
            spelled = idna.encode(spelled, uts46=True).decode()
        except idna.IDNAError:
            raise contact_malformed(field) from None
    labels = spelled.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or not all(map(_LABEL.fullmatch, labels)):  # noqa: PLR2004
        raise contact_malformed(field)
    return spelled
