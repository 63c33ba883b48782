"""Between rows and matters."""

from collections.abc import Iterable
from typing import Any

from services.common.kernel.money import Money
from services.common.kernel.particulars import PartyDetails
from services.common.storage.codec import fields_from_json, to_json
from services.common.storage.statement import Row
from services.intake.domain.lifecycle import MatterState
from services.intake.domain.matter import Matter
from services.intake.domain.values import (
    Channel,
    Contact,
    DeclineGround,
    MatterKind,
    NoMediationReason,
    Outcome,
    Party,
    PartyKind,
    PartySide,
    PrivateParticulars,
    Severity,
)


def matter_from(row: Row, parties: Iterable[Party], contacts: Iterable[Contact]) -> Matter:
    """The matter as its viewer may see it."""
    amount = Money(row["currency"], row["minor_units"]) if row["currency"] else None
    return Matter(
        id=row["id"],
        organisation_id=row["organisation_id"],
        version=row["version"],
        head=bytes(row["head"]),
        number=row["number"],
        kind=MatterKind(row["kind"]),
        channel=Channel(row["channel"]),
        state=MatterState(row["state"]),
        subject_matter=row["subject_matter"],
        facts=row["facts"],
        request=row["request"],
        amount=amount,
        parties=tuple(parties),
        receive_time=row["receive_time"],
        sample=row["sample"],
        source_facts=dict(row["source_facts"]),
        regime=row["regime"],
        severity=Severity(row["severity"]) if row["severity"] else None,
        officer=row["officer_id"],
        decline_ground=DeclineGround(row["decline_ground"]) if row["decline_ground"] else None,
        decline_remedies=row["decline_remedies"],
        no_mediation_reason=NoMediationReason(row["no_mediation_reason"]) if row["no_mediation_reason"] else None,
        case=row["case_name"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        reopen_requested=row["reopen_requested"],
        withdrawal_reason=row["withdrawal_reason"],
        contacts=tuple(contacts),
        shared_version=row["shared_version"],
    )


def changed_values(matter: Matter) -> dict[str, Any]:
    """The columns of a matter that can change after it was received."""
    return {
        "state": matter.state.value,
        "regime": matter.regime,
        "severity": matter.severity.value if matter.severity else None,
        "officer_id": matter.officer,
        "decline_ground": matter.decline_ground.value if matter.decline_ground else None,
        "decline_remedies": matter.decline_remedies,
        "no_mediation_reason": matter.no_mediation_reason.value if matter.no_mediation_reason else None,
        "case_name": matter.case,
        "outcome": matter.outcome.value if matter.outcome else None,
        "reopen_requested": matter.reopen_requested,
        "withdrawal_reason": matter.withdrawal_reason,
        "shared_version": matter.shared_version,
    }


def lasting_values(matter: Matter) -> dict[str, Any]:
    """The columns of a matter that stay as they were received."""
    return {
        "number": matter.number,
        "kind": matter.kind.value,
        "channel": matter.channel.value,
        "subject_matter": matter.subject_matter,
        "facts": matter.facts,
        "request": matter.request,
        "currency": matter.amount.currency if matter.amount else None,
        "minor_units": matter.amount.minor_units if matter.amount else None,
        "receive_time": matter.receive_time,
        "sample": matter.sample,
        "source_facts": matter.source_facts,
    }


def party_values(matter: Matter) -> list[dict[str, Any]]:
    """The rows of the parties; ``seen_by`` is the account that may see the party's particulars."""
    return [
        {
            "id": party.id,
            "matter_id": matter.id,
            "side": party.side.value,
            "display_name": party.display_name,
            "kind": party.kind.value,
            "identity_head": party.identity_head,
            "account_id": party.account,
            "invitation": party.invitation,
            "invitation_problem": party.invitation_problem,
            "mediation_consent_time": party.mediation_consent_time,
            "online_consent_time": party.online_consent_time,
            "seen_by": party.account,
        }
        for party in matter.parties
    ]


def viewer_values(matter: Matter) -> list[dict[str, Any]]:
    """Who sees the matter beside the staff of its organisation."""
    accounts = {party.account for party in matter.parties if party.account}
    return [{"viewer": f"accounts/{account}", "matter_id": matter.id} for account in accounts]


def particulars_values(matter: Matter) -> list[dict[str, Any]]:
    """What is private about the parties, as it was filed."""
    found = []
    for party in matter.parties:
        private = party.particulars or PrivateParticulars()
        found.append(
            {
                "party_id": party.id,
                "matter_id": matter.id,
                "identity_number": private.identity_number,
                "address": private.address,
                "region_code": private.region_code,
                "email": private.email,
                "phone": private.phone,
                "locale": private.locale,
                "details": details_values(private),
            }
        )
    return found


def contact_values(matter: Matter, contact: Contact) -> dict[str, Any]:
    return {
        "matter_id": matter.id,
        "party_id": contact.party,
        "channel": contact.channel.value,
        "contact_time": contact.contact_time,
        "reached": contact.reached,
        "remarks": contact.remarks,
    }


def party_from(row: Row) -> Party:
    """``row`` joins a party with its particulars, whose columns are null where the viewer may not see them."""
    return Party(
        id=row["id"],
        side=PartySide(row["side"]),
        display_name=row["display_name"],
        kind=PartyKind(row["kind"]),
        identity_head=row["identity_head"],
        particulars=_particulars(row) if row["locale"] is not None else None,
        account=row["account_id"],
        invitation=row["invitation"],
        invitation_problem=row["invitation_problem"],
        mediation_consent_time=row["mediation_consent_time"],
        online_consent_time=row["online_consent_time"],
    )


def details_values(private: PrivateParticulars) -> dict[str, Any]:
    """What papers say beside, as JSON: only what is known, so that a row from before has the same digest."""
    return {name: value for name, value in to_json(private.details).items() if value}


def _particulars(row: Row) -> PrivateParticulars:
    return PrivateParticulars(
        **fields_from_json(PartyDetails, row["details"]),
        identity_number=row["identity_number"],
        address=row["address"],
        region_code=row["region_code"],
        email=row["email"],
        phone=row["phone"],
        locale=row["locale"],
    )


def contact_from(row: Row) -> Contact:
    return Contact(
        party=row["party_id"],
        channel=Channel(row["channel"]),
        contact_time=row["contact_time"],
        reached=row["reached"],
        remarks=row["remarks"],
    )
