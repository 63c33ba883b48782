"""Who a party is, as papers have to name it: the same words for every service that keeps it.

A natural person with sex, ethnic group, birth date, occupation, address and number (民事诉讼法第124条); a foreigner with
nationality, kind of paper and the name in Latin letters; an organisation with its form and with who stands for it.
Everything beside name and kind may be unknown when a dispute is brought, and is empty or None then.
"""

from dataclasses import dataclass, fields, replace
from datetime import date
from enum import Enum
from typing import Any

from services.common.kernel.masking import masked_contact, masked_number
from services.common.kernel.phones import takes_text_messages


class PartyKind(Enum):
    """What a party is."""

    NATURAL_PERSON = "NATURAL_PERSON"
    ORGANISATION = "ORGANISATION"


class Sex(Enum):
    """As identity papers state it."""

    FEMALE = "FEMALE"
    MALE = "MALE"


class IdentityPaper(Enum):
    """The kind of paper whose number is on file (证件种类)."""

    RESIDENT_CARD = "RESIDENT_CARD"
    PASSPORT = "PASSPORT"
    HONG_KONG_MACAO_PERMIT = "HONG_KONG_MACAO_PERMIT"
    TAIWAN_PERMIT = "TAIWAN_PERMIT"
    FOREIGN_PERMANENT_RESIDENT_CARD = "FOREIGN_PERMANENT_RESIDENT_CARD"
    OTHER = "OTHER"


class OrganisationForm(Enum):
    """What an organisation is before the law (民法典第57条, 第102条, 第54条)."""

    LEGAL_PERSON = "LEGAL_PERSON"
    UNINCORPORATED = "UNINCORPORATED"
    SOLE_TRADER = "SOLE_TRADER"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyDetails:
    """What papers say of a party beside name, number and address. ``nationality`` is ISO 3166 alpha-2, empty for China.

    ``legal_representative``: the legal representative (法定代表人) of a legal person, the person in charge (主要负责人) of
    an unincorporated organisation, the operator (经营者) of a sole trader, whose ``trade_name`` is the 字号. Who acts for
    the organisation in a case, and on what authority, is said there, with the person's account.

    ``printed_name``: how papers spell a name that has a character no font prints; the true name stays beside it.
    """

    sex: Sex | None = None
    ethnic_group: str = ""
    birth_date: date | None = None
    occupation: str = ""
    nationality: str = ""
    identity_paper: IdentityPaper | None = None
    latin_name: str = ""
    organisation_form: OrganisationForm | None = None
    legal_representative: str = ""
    legal_representative_duty: str = ""
    trade_name: str = ""
    printed_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateParticulars(PartyDetails):
    """What is private about a party. ``region_code`` is that of its domicile (GB/T 2260), empty when unknown."""

    identity_number: str = ""
    address: str = ""
    region_code: str = ""
    email: str = ""
    phone: str = ""
    locale: str = "zh"

    @property
    def can_be_written_to(self) -> bool:
        """Whether there is an address or a number that takes messages."""
        return bool(self.email) or takes_text_messages(self.phone)

    @property
    def details(self) -> PartyDetails:
        return PartyDetails(**_values(self, PartyDetails))


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars(PrivateParticulars):
    """Who a party is, in full: for itself, and for who runs its case."""

    display_name: str
    kind: PartyKind

    @property
    def private(self) -> PrivateParticulars:
        return PrivateParticulars(**_values(self, PrivateParticulars))

    @property
    def name_on_paper(self) -> str:
        """The name as papers print it: the spelling chosen for a rare one, with the true name behind it."""
        return f"{self.printed_name}（本名{self.display_name}）" if self.printed_name else self.display_name

    def masked(self) -> "Particulars":
        """What the other side may see: the names, what a register says of an organisation, and enough of the number to
        tell two namesakes apart."""
        return replace(
            self,
            identity_number=masked_number(self.identity_number),
            address="",
            email="",
            phone=masked_contact(self.phone),
            sex=None,
            ethnic_group="",
            birth_date=None,
            occupation="",
            nationality="",
            identity_paper=None,
        )


def _values(value: object, kind: type) -> dict[str, Any]:
    return {each.name: getattr(value, each.name) for each in fields(kind)}
