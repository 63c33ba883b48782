"""What a caller is shown: messages from views, with everything masked that is not the caller's own."""

from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from comity.common.v1 import deadline_pb2
from comity.mediation.v1 import agreement_pb2, case_pb2, offer_pb2, session_pb2, terms_pb2
from comity.mediation.v1 import mediation_service_pb2 as pb

from services.common.kernel.ids import resource_name
from services.common.kernel.principal import Principal, Role
from services.common.regimes import NoticeRule
from services.mediation.application.offers import OfferView
from services.mediation.application.queries import CaseView
from services.mediation.domain.agreement import Agreement
from services.mediation.domain.case import Case
from services.mediation.domain.item import Item
from services.mediation.domain.mediator import Mediator
from services.mediation.domain.parties import CaseParty
from services.mediation.domain.session import Session
from services.mediation.domain.session_record import SessionRecord
from services.mediation.domain.signing_round import SigningRound
from services.mediation.domain.terms import Finding
from services.mediation.domain.vocabulary import ConflictStatus
from services.mediation.wire import CONVERTER

_CLEARED = (ConflictStatus.CLEAR, ConflictStatus.WAIVED)


def mediator(found: Mediator) -> case_pb2.Mediator:
    return CONVERTER.write(found, case_pb2.Mediator)


def case(view: CaseView, caller: Principal) -> case_pb2.Case:
    """Particulars in full only for the party itself and for who runs the case; the file not before the disclosure."""
    found = view.case
    runs = _runs(found, caller)
    shown = copy(found)
    shown.parties = tuple(_shown(party, own=runs or party.acts(caller.account_id)) for party in found.parties)
    message = CONVERTER.write(shown, case_pb2.Case)
    for party, party_message in zip(found.parties, message.parties, strict=True):
        if not (runs or party.acts(caller.account_id)):
            for representative in party_message.representatives:
                representative.account = ""
    if found.mediator_id is not None:
        message.mediator.CopyFrom(_appointed(found))
    for deadline in view.deadlines:
        message.deadlines.append(CONVERTER.write(deadline, deadline_pb2.Deadline))
    if _only_disclosing(found, caller):
        message.facts = message.request = ""
    return message


def notice(rule: NoticeRule) -> pb.GetCaseNoticeResponse:
    return pb.GetCaseNoticeResponse(
        rights_zh=rule.rights_zh,
        rights_en=rule.rights_en,
        warning_zh=rule.warning_zh,
        warning_en=rule.warning_en,
        source=rule.source,
        digest=rule.digest,
    )


def session(found: Session) -> session_pb2.Session:
    return CONVERTER.write(found, session_pb2.Session)


def session_record(found: SessionRecord) -> session_pb2.SessionRecord:
    return CONVERTER.write(found, session_pb2.SessionRecord)


def item(found: Item) -> case_pb2.Item:
    return CONVERTER.write(found, case_pb2.Item)


def offer(view: OfferView, now: datetime) -> offer_pb2.Offer:
    """An offer whose time is over is shown as expired."""
    message = CONVERTER.write(view.offer, offer_pb2.Offer)
    message.state = offer_pb2.OfferState.Value(f"OFFER_STATE_{view.offer.state_at(now).name}")
    for response in view.responses:
        message.responses.append(CONVERTER.write(response, offer_pb2.OfferResponse))
    return message


def findings(found: Iterable[Finding]) -> list[terms_pb2.Finding]:
    return [CONVERTER.write(each, terms_pb2.Finding) for each in found]


def agreement(found: Agreement) -> agreement_pb2.Agreement:
    return CONVERTER.write(found, agreement_pb2.Agreement)


def signing_round(found: SigningRound) -> agreement_pb2.SigningRound:
    return CONVERTER.write(found, agreement_pb2.SigningRound)


def _shown(party: CaseParty, *, own: bool) -> CaseParty:
    return party if own else replace(party, particulars=party.particulars.masked(), account=None)


def _appointed(found: Case) -> case_pb2.Mediator:
    return case_pb2.Mediator(
        name=_name("mediators", found.mediator_id),
        organisation=_name("organisations", found.organisation_id),
        account=_name("accounts", found.mediator_account),
        display_name=found.mediator_name,
        employer=found.mediator_employer,
    )


def _name(collection: str, id: UUID | None) -> str:
    return resource_name(collection, id) if id is not None else ""


def _runs(found: Case, caller: Principal) -> bool:
    if caller.holds(Role.CASE_ADMINISTRATOR, found.organisation_id):
        return True
    return _is_mediator(found, caller) and not _only_disclosing(found, caller)


def _is_mediator(found: Case, caller: Principal) -> bool:
    return caller.account_id is not None and caller.account_id == found.mediator_account


def _only_disclosing(found: Case, caller: Principal) -> bool:
    check = found.conflict_check
    return _is_mediator(found, caller) and (check is None or check.status not in _CLEARED)
