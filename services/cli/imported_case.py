"""A published row told as a sample case: facts as published, people made up, the business named by its row only."""

from services.cli.complaints import Complaint
from services.cli.sample_cases import SampleCase, Side

_REGION = "320102"


def sample_case(row: Complaint) -> SampleCase:
    """The case of a row: a restitution above zero becomes the payment, otherwise the published act is owed."""
    amount = row.restitution.minor_units
    return SampleCase(
        key=f"row {row.identity[:12]}",
        complainant=_side(row, "Complainant of", "complainant", organisation=False),
        respondent=_side(row, "Business of", "business", organisation=True),
        subject_matter="CONSUMER",
        facts=f"Published record, row {row.number}: {row.kind}; industry: {row.industry}. SAMPLE.",
        request=f"Remedy for: {row.kind}",
        currency="USD",
        claimed=amount,
        offered=amount * 2,
        countered=amount,
        statement=f"{row.kind}. (Sample statement)",
        answer="The business is willing to settle. (Sample statement)",
        agreed_facts=f"双方因{_where(row)}所载的消费投诉发生纠纷。（样本）",
        undisputed=f"双方对{_where(row)}所载的事实没有争议。（样本）",
        issues="经营者应当如何处理该投诉。",
        responsibilities="由双方按照约定承担。（样本）",
        payment=f"{_where(row)}所载的处理结果",
        payment_method="转账至申请人确认的账户（样本）",
        default_clause="逾期付款的，自逾期之日起按未付金额每日万分之五支付违约金。（样本）",
        costs="调解不收费。",
        release_scope=f"{_where(row)}所载的争议。",
        minutes="双方均到庭，确认协议系自愿达成。（样本）",
        reasons="经审查，调解协议系双方自愿达成，内容明确，不损害国家、社会公共利益和他人合法权益。（样本）",
        source_facts=(
            ("row", str(row.number)),
            ("identity", row.identity),
            ("result", row.result),
            ("industry", row.industry),
            ("complaint_type", row.kind),
            ("mediation_start_date", row.start_date),
            ("mediation_close_date", row.close_date),
        ),
    )


def _where(row: Complaint) -> str:
    return f"公开登记册第{row.number}行"


def _side(row: Complaint, words: str, mail: str, *, organisation: bool) -> Side:
    return Side(
        display_name=f"{words} row {row.number} (SAMPLE)",
        organisation=organisation,
        identity_number=f"SAMPLE-{mail[0].upper()}-{row.number:05d}",
        address=f"Sample address, row {row.number}",
        region_code=_REGION,
        mail=mail,
        phone=f"+1555{2 if organisation else 1}{row.number:06d}",
        locale="en",
        legal_representative=f"Representative of {words.lower()} row {row.number} (SAMPLE)" if organisation else "",
    )
