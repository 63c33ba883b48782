"""Codes and filings for contacts of people who have nothing to do with it, while somebody signs in."""

import asyncio
from collections import Counter
from uuid import uuid4

from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.intake.v1 import intake_service_pb2 as intake_pb

from services.cli.visit import Visit
from tests.abuse.attacks import ELSEWHERE, Found, Scene, Target
from tests.abuse.attacks.large_filings import filing
from tests.abuse.honest import SigningIn

SERVICE = "identity"
TITLE = "mails and text messages to strangers"
PEOPLE = 400
MOST_TO_ONE = 7
"""A code, five more under tags, and the receipt of a filing; within a minute, after which a code may be sent again."""
MOST = 200
"""120 codes for one address and what is renewed in two minutes, 20 filings with two contacts each."""
_START = "/comity.identity.v1.IdentityService/StartSignIn"
_FILE = "/comity.intake.v1.IntakeService/FileMatter"


async def prepare(visited: Visit) -> Scene:
    honest, flooded = SigningIn(visited, f"honest.{uuid4().hex[:8]}@sample.invalid"), f"{uuid4().hex[:8]}.invalid"
    await honest.sign_in()

    def found() -> Found:
        sent = Counter(mailbox(each) for each in visited.mailbox.recipients() if each.endswith(flooded))
        most, total = max(sent.values(), default=0), sum(sent.values())
        faults = [f"{total} mails to strangers"] * (total > MOST) + [f"{most} mails to one"] * (most > MOST_TO_ONE)
        return Found(f"{total} mails to {len(sent)} mailboxes, at most {most} to one", tuple(faults))

    return Scene({"domain": flooded}, honest.act(), found)


def mailbox(recipient: str) -> str:
    """Whose it is, whatever tag is in it."""
    name, _, domain = recipient.partition("@")
    return f"{name.partition('+')[0]}@{domain}"


async def attack(target: Target) -> None:
    domain = target.given["domain"]
    start = (await target.channel(SERVICE, ELSEWHERE)).unary_unary(_START)
    file = (await target.channel("intake")).unary_unary(_FILE)

    async def ask(contact: str) -> None:
        body = identity_pb.StartSignInRequest(request_id=str(uuid4()), contact=contact).SerializeToString()
        await target.once(lambda: start(body, timeout=30))

    async def codes() -> None:
        while True:
            for number in range(PEOPLE):
                for contact in (f"p{number}@{domain}", f"p{number % 5}+{number}@{domain}", f"+8819{number:09d}"):
                    await ask(contact)

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
