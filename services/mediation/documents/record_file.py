"""A closed session record (调解笔录) as canonical data (RFC 8785): everything its PDF says, attached to it as terms.json.

A record lives in the compartment of its session, and so does this file: of a private session it names nobody but the
party that was there and the mediator.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.common.documents.canonical import canonical_json
from services.common.kernel.errors import precondition
from services.common.signing.manifest import Signer, document_manifest
from services.common.signing.slots import RECORD_SEAL
from services.mediation.domain.case import Acknowledgement, Case
from services.mediation.domain.session import Attendance, Session
from services.mediation.domain.session_record import RecordConfirmation, SessionRecord

TEMPLATE = "comity.session_record/2"
_IN_ACCOUNT = "ACCOUNT"
"""How everybody who answers a record has proven who they are: signed in to the account with a one-time code."""


def write_record_file(record: SessionRecord, session: Session, case: Case, mediator_name: str, zone: str) -> bytes:
    """``zone`` names that in whose time it is printed. Raises RECORD_OPEN while somebody has not answered yet."""
    if record.confirm_time is None:
        raise precondition("RECORD_OPEN", "笔录尚未核对完毕", "somebody has not answered the record yet")
    people = _People(case, mediator_name)
    return canonical_json(
        {
            "template": TEMPLATE,
            "document": document_manifest(record.number, {RECORD_SEAL: [Signer(case.organisation_facts.display_name)]}),
            "number": record.number,
            "case_number": case.number,
            "organisation": case.organisation_facts.display_name,
            "sample": case.sample or case.organisation_facts.sample,
            "made_time": _moment(record.confirm_time),
            "zone": zone,
            "mediator": mediator_name,
            "session": _session(session),
            "subject_matter": case.subject_matter,
            "told": [_told(each, people) for each in case.acknowledgements if _concerns(session, each)],
            "revision": record.revision,
            "state": record.state.value,
            "attendees": [_attendee(each, people) for each in record.attendees],
            "statements": [{"speaker": people.speaker(each.party), "text": each.text} for each in record.statements],
            "undisputed_facts": list(record.undisputed_facts),
            "result": record.result,
            "answers": [_answer(each, people) for each in record.confirmations],
        }
    )


@dataclass(frozen=True, slots=True)
class _People:
    """Names as printed: of parties, of who acted for them, of the mediator of that session."""

    case: Case
    mediator_name: str

    def speaker(self, party: UUID | None) -> str:
        """Without a party it is the mediator, whom an empty name stands for."""
        return self.case.party(party).particulars.name_on_paper if party is not None else ""

    def role(self, party: UUID | None) -> str:
        return self.case.party(party).side.value if party is not None else "MEDIATOR"

    def agent(self, party: UUID | None, account: UUID) -> str:
        """Who acted for the party; empty when the party came itself."""
        if party is None:
            return ""
        agents = {each.account: each.display_name for each in self.case.party(party).representatives}
        return agents.get(account, "")

    def person(self, party: UUID | None, account: UUID) -> dict[str, str]:
        name = self.speaker(party) or self.mediator_name
        return {"role": self.role(party), "name": name, "agent": self.agent(party, account)}


def _session(session: Session) -> dict[str, Any]:
    """When it was really held; of one whose times were not kept, the appointed ones."""
    return {
        "kind": session.kind.value,
        "open_time": _moment(session.begun_time or session.start_time),
        "close_time": _moment(session.ended_time or session.end_time),
        "room": session.room,
    }


def _concerns(session: Session, read: Acknowledgement) -> bool:
    """A private session names nobody but the party that was there."""
    return session.caucus_party in (None, read.party)


def _told(read: Acknowledgement, people: _People) -> dict[str, Any]:
    """A party that has read its rights and duties and the warning, and who read it for the party."""
    return {**people.person(read.party, read.account), "authority": "", "time": _moment(read.time)}


def _attendee(attendance: Attendance, people: _People) -> dict[str, Any]:
    return {
        **people.person(attendance.party, attendance.account),
        "authority": attendance.authority.value if attendance.authority else "",
        "identity_method": attendance.identity_method,
        "check_in_time": _moment(attendance.check_in_time),
    }


def _answer(confirmation: RecordConfirmation, people: _People) -> dict[str, Any]:
    return {
        **people.person(confirmation.party, confirmation.account),
        "authority": "",
        "response": confirmation.response.value,
        "remarks": confirmation.remarks,
        "respond_time": _moment(confirmation.respond_time),
        "identity_method": _IN_ACCOUNT,
    }


def _moment(when: datetime) -> str:
    """UTC, to the second."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
