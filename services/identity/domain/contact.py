"""Mail addresses and telephone numbers: one spelling each, and how they are shown to others."""

import re
from dataclasses import dataclass
from enum import Enum

from services.identity.domain import errors

_EMAIL = re.compile(r"[\x21-\x3f\x41-\x7e]{1,64}@[a-z0-9.-]{1,189}", re.ASCII)
_SHOWN_DIGITS = 9
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


class ContactKind(Enum):
    EMAIL = "EMAIL"
    PHONE = "PHONE"


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact in its one spelling: mail in lower case, telephone as E.164."""

    kind: ContactKind
    value: str

    @property
    def masked(self) -> str:
        """``z***@example.org`` or ``+861****0001``."""
        return masked(self.value)


def parse_contact(text: str, field: str = "contact") -> Contact:
    """The contact in a text. Raises CONTACT_MALFORMED (INVALID), naming the field."""
    spelled = text.strip().lower()
    if _EMAIL.fullmatch(spelled):
        return Contact(ContactKind.EMAIL, spelled)
    compact = re.sub(r"[\s()-]", "", spelled)
    if _PHONE.fullmatch(compact):
        return Contact(ContactKind.PHONE, compact)
    raise errors.contact_malformed(field)


def parse_optional(text: str, kind: ContactKind, field: str) -> str:
    """The one spelling of a contact of this kind, or nothing of nothing. Raises CONTACT_MALFORMED."""
    if not text.strip():
        return ""
    contact = parse_contact(text, field)
    if contact.kind is not kind:
        raise errors.contact_malformed(field)
    return contact.value


def masked(value: str) -> str:
    """A contact as somebody else may see it; nothing of nothing."""
    if "@" in value:
        name, _, domain = value.partition("@")
        return f"{name[0]}***@{domain}"
    return f"{value[:4]}****{value[-4:]}" if len(value) > _SHOWN_DIGITS else "****" if value else ""


def normalised_identity_number(text: str) -> str:
    """An identity card, passport or credit code number without spaces, dots and dashes, in capitals."""
    return re.sub(r"[\s.\-·]", "", text).upper()
