"""A ruling as canonical data (RFC 8785): everything its PDF says, attached to it as terms.json."""

from typing import Any

from services.common.documents.canonical import canonical_json
from services.common.signing.manifest import Signer, document_manifest
from services.court_link.documents.orders import JUDGE_SLOT, SEAL_SLOT, Applicant, RulingText

TEMPLATE = "comity.ruling/1"


def write_ruling_file(text: RulingText) -> bytes:
    """Times are ISO 8601 in UTC, empty when not recorded."""
    signers = {JUDGE_SLOT: [Signer(text.judge)], SEAL_SLOT: [Signer(text.seal)]}
    return canonical_json(
        {
            "template": TEMPLATE,
            "document": document_manifest(text.number, signers),
            "kind": "ruling",
            "court": text.court,
            "judge": text.judge,
            "agreement_number": text.agreement_number,
            "agreement_digest": text.agreement_digest,
            "organisation": text.organisation,
            "applicants": [_applicant(each) for each in text.applicants],
            "effective_time": text.effective_time.isoformat() if text.effective_time else "",
            "accept_time": text.accept_time.isoformat() if text.accept_time else "",
            "outcome": text.outcome.value,
            "ground": text.ground.value if text.ground else "",
            "reasons": text.reasons,
            "made_at": text.made_at.isoformat(),
            "zone": text.zone,
            "sample": text.sample,
        }
    )


def _applicant(applicant: Applicant) -> dict[str, Any]:
    return {
        "name": applicant.display_name,
        "identity_number": applicant.masked_identity,
        "address": applicant.address,
        "acting": applicant.acting,
    }
