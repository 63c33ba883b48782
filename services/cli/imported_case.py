"""A published row told as a sample case: facts as published, people made up, the business named by its row only."""

from services.cli.complaints import Complaint
from services.cli.sample_cases import SampleCase, Side

_REGION = "320102"


def sample_case(row: Complaint) -> SampleCase:
    """The case of a row: a restitution above zero becomes the payment, otherwise the published act is owed."""
    amount = row.restitution.minor_units
    return SampleCase(
        key=f"row {row.number}",
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
        undisputed=f"Both sides confirm the published facts of row {row.number}. (Sample)",
        issues=f"{row.kind}",
        responsibilities="As the parties agree. (Sample)",
        payment=f"Performance as published: {row.result}",
        payment_method="Transfer to the account confirmed by the complainant. (Sample)",
        default_clause="A late payment bears 0.05 % of the unpaid amount for each day of delay. (Sample)",
        costs="Mediation is free of charge.",
        release_scope=f"What is published as row {row.number}.",
        minutes="Both parties appeared and confirmed that they agreed freely. (Sample)",
        reasons="The agreement was reached freely, is clear, and harms no public or third-party interest. (Sample)",
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
