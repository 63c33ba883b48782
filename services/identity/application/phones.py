"""To which countries text messages go: each costs, and some numbers are made to earn by it."""

from dataclasses import dataclass

from services.common.kernel.contacts import Contact, ContactKind
from services.common.kernel.phones import takes_text_messages
from services.identity.domain import errors


@dataclass(frozen=True, slots=True)
class Phones:
    """``prefixes`` of E.164 numbers that are served; none for all."""

    prefixes: tuple[str, ...]

    def served(self, contact: Contact, field: str = "contact") -> Contact:
        """The contact. Raises PHONE_NOT_SERVED, PHONE_TAKES_NO_MESSAGES (INVALID)."""
        if contact.kind is ContactKind.PHONE and self.prefixes and not contact.value.startswith(self.prefixes):
            raise errors.phone_not_served(field)
        if contact.kind is ContactKind.PHONE and not takes_text_messages(contact.value):
            raise errors.phone_takes_no_messages(field)
        return contact
