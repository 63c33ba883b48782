"""Who a party is, as every paper's data file has it (民事诉讼文书样式; 司发通〔2010〕239号). What is not known is empty."""

from typing import Any

from services.common.kernel.particulars import IdentityPaper, Particulars, PartyKind

_PAPERS = {
    IdentityPaper.RESIDENT_CARD: "公民身份号码",
    IdentityPaper.PASSPORT: "护照号码",
    IdentityPaper.HONG_KONG_MACAO_PERMIT: "港澳居民来往内地通行证号码",
    IdentityPaper.TAIWAN_PERMIT: "台湾居民来往大陆通行证号码",
    IdentityPaper.FOREIGN_PERMANENT_RESIDENT_CARD: "外国人永久居留身份证号码",
}


def printed_party(given: Particulars) -> dict[str, Any]:
    """Name, kind, and all that ``words.zh.xml`` prints of a party; who acts for it is added by who knows."""
    person = given.kind is PartyKind.NATURAL_PERSON
    number = _PAPERS.get(given.identity_paper, "证件号码") if given.identity_paper else "证件号码"
    return {
        "kind": given.kind.value,
        "name": given.name_on_paper,
        "latin_name": given.latin_name,
        "trade_name": given.trade_name,
        "sex": given.sex.value if given.sex else "",
        "ethnic_group": given.ethnic_group,
        "birth_date": given.birth_date.isoformat() if given.birth_date else "",
        "occupation": given.occupation,
        "nationality": given.nationality,
        "address": given.address,
        "identity_paper": number if person else "统一社会信用代码",
        "identity_number": given.identity_number,
        "phone": given.phone,
        "organisation_form": given.organisation_form.value if given.organisation_form else "",
        "legal_representative": given.legal_representative,
        "legal_representative_duty": given.legal_representative_duty,
    }
