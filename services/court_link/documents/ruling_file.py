"""A ruling as canonical data (RFC 8785): everything its PDF says, attached to it as terms.json."""

import json
from datetime import datetime
from typing import Any

from services.common.documents.canonical import canonical_json
from services.common.signing.manifest import Signer, document_manifest
from services.court_link.documents.orders import JUDGE_SLOT, SEAL_SLOT, RulingText

TEMPLATE = "comity.ruling/2"


def write_ruling_file(text: RulingText) -> bytes:
    """Times are ISO 8601 in UTC."""
    signers = {JUDGE_SLOT: [Signer(text.judge)], SEAL_SLOT: [Signer(text.seal)]}
    agreed = json.loads(text.terms_file)
    return canonical_json(
        {
            "template": TEMPLATE,
            "document": document_manifest(text.number, signers),
            "number": text.number,
            "court": text.court,
            "judge": text.judge,
            "clerk": text.clerk,
            "organisation": text.organisation,
            "subject_matter": text.subject_matter,
            "applicants": _applicants(agreed, text),
            "agreement": _agreement(agreed, text),
            "accept_time": _moment(text.accept_time),
            "outcome": text.outcome.value,
            "ground": text.ground.value if text.ground else "",
            "reasons": text.reasons,
            "made_time": _moment(text.made_time),
            "zone": text.zone,
            "sample": text.sample,
        }
    )


def _applicants(agreed: dict[str, Any], text: RulingText) -> list[dict[str, Any]]:
    """Raises ValueError where the parties of the agreement are not those of the court's file."""
    if [each["name"] for each in agreed["parties"]] != [each.name for each in text.applicants]:
        raise ValueError("the agreement has other parties than the application")
    return [
        {**printed, "identity_number": known.identity_number, "address": known.address, "phone": ""}
        for printed, known in zip(agreed["parties"], text.applicants, strict=True)
    ]


def _agreement(agreed: dict[str, Any], text: RulingText) -> dict[str, Any]:
    return {
        "number": agreed["number"],
        "effective_time": _moment(text.effective_time),
        "names": agreed["names"],
        "terms": agreed["terms"],
    }


def _moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
