"""Codes and filings for contacts of people who have nothing to do with it, while somebody signs in.

Mail addresses, tags on them, telephones that are served, and such that cost a hundred times as much.
"""

import asyncio
import json
from collections import Counter
from pathlib import Path
from uuid import uuid4

from comity.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from comity.intake.v1 import intake_service_pb2 as intake_pb

from services.cli.visit import Visit
from tests.abuse.attacks import ELSEWHERE, Found, Scene, Target
from tests.abuse.attacks.large_filings import filing
from tests.abuse.codes import flood
from tests.abuse.honest import SigningIn

SERVICE = "identity"
TITLE = "mails and text messages to strangers"
PEOPLE = 400
MOST_TO_ONE = 7
"""A code, five more under tags, and the receipt of a filing; within a minute, after which a code may be sent again."""
MOST = 170
"""120 codes for one address and what is renewed of them in two minutes, and the receipts of 20 filings."""
_FILE = "/comity.intake.v1.IntakeService/FileMatter"


async def prepare(visited: Visit) -> Scene:
    mark = uuid4()
    honest, domain = SigningIn(visited, f"honest.{mark.hex[:8]}@sample.invalid"), f"{mark.hex[:8]}.invalid"
    phones = f"+86139{mark.int % 1000:03d}"
    await honest.sign_in()
    assert visited.suite is not None
    outbox = visited.suite.layout.outbox

    def found() -> Found:
        mails = Counter(mailbox(each) for each in visited.mailbox.recipients() if each.endswith(domain))
        texts = Counter(each for each in _texted(outbox) if each.startswith(phones))
        sent, most = (mails + texts).total(), max((mails + texts).values(), default=0)
        faults = [f"{sent} mails and text messages to strangers"] * (sent > MOST) + [f"{most} to one"] * (
            most > MOST_TO_ONE
        )
        figures = (
            f"{mails.total()} mails to {len(mails)} mailboxes, {texts.total()} text messages, at most {most} to one"
        )
        return Found(figures, tuple(faults))

    return Scene({"domain": domain, "phones": phones}, honest.act(), found)


def mailbox(recipient: str) -> str:
    """Whose it is, whatever tag is in it."""
    name, _, domain = recipient.partition("@")
    return f"{name.partition('+')[0]}@{domain}"


def _texted(outbox: Path) -> list[str]:
    return [json.loads(file.read_text())["to"] for file in outbox.glob("text_messages/*.json")]


async def attack(target: Target) -> None:
    domain, phones = target.given["domain"], target.given["phones"]
    identity = IdentityServiceStub(await target.channel(SERVICE, ELSEWHERE))  # type: ignore[no-untyped-call]
    file = (await target.channel("intake")).unary_unary(_FILE)

    async def codes() -> None:
        while True:
            for number in range(PEOPLE):
                person, tagged = f"p{number}@{domain}", f"p{number % 5}+{number}@{domain}"
                figures = await flood(identity, [person, tagged, f"{phones}{number:05d}", f"+8819{number:09d}"])
                target.answers.update({"codes": figures.answered, **figures.refused})

    async def filings() -> None:
        while True:
            for number in range(PEOPLE):
                body = naming(target.house["intake"], f"p{number % 7}@{domain}", f"p{number}@{domain}")
                await target.once(lambda body=body: file(body, metadata=target.account, timeout=30))  # type: ignore[misc]

    await asyncio.gather(codes(), codes(), filings())


def naming(organisation: str, complainant: str, respondent: str) -> bytes:
    """A filing for a contact that nobody has verified."""
    request: intake_pb.FileMatterRequest = filing(organisation)
    request.facts, request.complainant.email, request.respondent.email = "样本 SAMPLE", complainant, respondent
    request.source_facts.clear()
    return request.SerializeToString()
