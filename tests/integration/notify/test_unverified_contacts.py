"""A contact that nobody has verified may be a stranger's: it gets one request to confirm it, and people tell the rest."""

from uuid import uuid4

import pytest
from comity.common.v1 import dossier_pb2
from comity.identity.v1 import identity_events_pb2
from comity.intake.v1 import intake_events_pb2
from comity.notify.v1 import notice_pb2
from comity.notify.v1 import notify_service_pb2 as pb

from tests.integration.notify.conftest import Notify, refused
from tests.kit.eventually import eventually

VICTIM = "victim@sample.example"


async def test_somebody_without_an_account_gets_the_number_and_how_to_confirm_and_nothing_more(notify: Notify) -> None:
    matter, mine, _ = await notify.received(account="", email=VICTIM)
    (mail,) = await notify.mails(VICTIM)
    assert "2026-000001" in mail["Subject"] and "还没有确认" in mail.get_content()
    accepted = intake_events_pb2.MatterAccepted(matter=matter, number="2026-000001")
    await notify.hear("intake", "matter.accepted", accepted, matter, version=2)
    (task,) = await eventually(notify.tasks)
    assert (task.recipient, task.subject) == (mine, matter)
    assert len(notify.mail.to(VICTIM)) == 1


async def test_however_many_matters_name_a_stranger_it_gets_one_mail_a_day(notify: Notify) -> None:
    for _ in range(15):
        await notify.received(account="", email=VICTIM)
    tasks = await eventually(lambda: _so_many(notify, 14))
    (_,) = await notify.mails(VICTIM)
    assert len(tasks) == 14 and await notify.count("SELECT count(*) FROM jobs") == 1


async def _so_many(notify: Notify, number: int) -> list[notice_pb2.ManualTask] | None:
    found = await notify.tasks()
    return found if len(found) >= number else None


async def test_whoever_files_for_itself_is_told_at_its_accounts_contacts_and_never_elsewhere(notify: Notify) -> None:
    name = await notify.account(email="own@sample.example")
    party, matter = f"parties/{uuid4()}", f"matters/{uuid4()}"
    card = dossier_pb2.ContactCard(recipient=party, account=name, locale="zh", email=VICTIM, phone="+8613800000009")
    received = intake_events_pb2.MatterReceived(
        matter=matter,
        number="2026-000001",
        organisation=f"organisations/{notify.organisation}",
        contacts_digest=notify.others.keep(matter, card),
        acceptance_due_date="2026-03-11",
        complainant=party,
        sample=True,
    )
    await notify.hear("intake", "matter.received", received, matter)
    await notify.mails("own@sample.example")
    assert notify.mail.to(VICTIM) == [] and await notify.tasks() == []


async def test_an_account_that_is_not_heard_of_yet_is_waited_for(notify: Notify) -> None:
    account = uuid4()
    party, matter = f"parties/{uuid4()}", f"matters/{uuid4()}"
    card = dossier_pb2.ContactCard(recipient=party, account=f"accounts/{account}", locale="zh", email=VICTIM)
    received = intake_events_pb2.MatterReceived(
        matter=matter,
        number="2026-000001",
        organisation=f"organisations/{notify.organisation}",
        contacts_digest=notify.others.keep(matter, card),
        acceptance_due_date="2026-03-11",
        complainant=party,
    )
    await notify.hear("intake", "matter.received", received, matter)
    await notify.account(account, email="own@sample.example")
    await notify.mails("own@sample.example")
    assert notify.mail.to(VICTIM) == []


async def test_an_invited_party_gets_its_invitation_and_from_its_joining_on_everything(notify: Notify) -> None:
    matter, _, other = await notify.received()
    for version in (2, 3):
        invited = intake_events_pb2.MatterPartyInvited(
            matter=matter, number="2026-000001", party=other, invitation=await notify.invitation()
        )
        await notify.hear("intake", "matter.party_invited", invited, matter, version=version)
    (task,) = await eventually(notify.tasks)
    assert task.recipient == other and len(await notify.mails("b@sample.example")) == 1
    await notify.joins(matter, other, email="b-own@sample.example")
    withdrawn = intake_events_pb2.MatterWithdrawn(matter=matter, number="2026-000001")
    await notify.hear("intake", "matter.withdrawn", withdrawn, matter, version=5)
    await notify.mails("b-own@sample.example")
    assert len(notify.mail.to("b@sample.example")) == 1


async def test_every_contact_that_an_account_had_is_told_of_a_change_and_the_new_one_is_not(notify: Notify) -> None:
    account = uuid4()
    name = await notify.account(account, email="old@sample.example", phone="+8613800000007")
    cards = [
        dossier_pb2.ContactCard(
            recipient=name, account=name, locale="zh", email="thief@sample.example", phone="+8613800000007"
        ),
        dossier_pb2.ContactCard(
            recipient=f"{name}/formerContacts/1", account=name, locale="zh", email="old@sample.example"
        ),
        dossier_pb2.ContactCard(
            recipient=f"{name}/formerContacts/2", account=name, locale="zh", phone="+8613800000007"
        ),
    ]
    changed = identity_events_pb2.AccountContactVerified(account=name, contacts_digest=notify.others.keep(name, *cards))
    await notify.hear("identity", "account.contact_verified", changed, name, version=2)
    (mail,) = await notify.mails("old@sample.example")
    assert "联系方式" in mail["Subject"] and "thief" not in mail.get_content()
    (message,) = await eventually(lambda: list(notify.outbox.glob("text_messages/*.json")))
    assert "+8613800000007" in message.read_text()
    assert notify.mail.to("thief@sample.example") == []
    assert {each.title[:6] for each in await notify.notices(account)} == {mail["Subject"][:6]}


HOSTILE = [
    "a:b;@sample.example",
    "root,victim@sample.example",
    "<victim@sample.example",
    '"victim@sample.example',
    "(n)victim@sample.example",
    "victim@sample.example, other@sample.example",
    "victim@sample.example\r\nBcc: other@sample.example",
]


@pytest.mark.parametrize("contact", HOSTILE)
async def test_no_code_goes_to_what_is_not_one_plain_address(notify: Notify, contact: str) -> None:
    request = pb.SendOneTimeCodeRequest(
        contact=contact, code="123456", locale="zh", purpose=notice_pb2.CODE_PURPOSE_SIGN_IN
    )
    request.expire_time.FromDatetime(notify.clock.now())
    identity = (("authorization", f"Bearer {notify.issuer.service('identity')}"),)
    reason = await refused(notify.call("SendOneTimeCode", request, identity))
    assert reason in ("CONTACT_MALFORMED", "UNPRINTABLE_CHARACTER")
    assert notify.mail.seen == []


@pytest.mark.parametrize("contact", HOSTILE[:6])
async def test_a_card_that_names_no_plain_address_is_a_task_for_a_person(notify: Notify, contact: str) -> None:
    await notify.received(account="", email=contact)
    assert await eventually(notify.tasks)
    assert notify.mail.seen == []


async def test_no_text_message_goes_to_a_country_that_is_not_served(notify: Notify) -> None:
    await notify.received(phone="+8819000000001")
    assert await eventually(notify.tasks)
    assert list(notify.outbox.glob("text_messages/*.json")) == []
