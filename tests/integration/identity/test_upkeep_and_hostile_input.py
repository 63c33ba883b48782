"""What identity does by itself, what its database shows to whom, and strings that nobody means well with."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from comity.identity.v1 import identity_service_pb2 as pb
from sqlalchemy import text

from services.common.kernel.ids import parse_name
from services.common.kernel.principal import Principal
from services.common.storage.retention import Maintenance
from services.common.storage.transaction import SYSTEM
from services.identity.credentials.keep_keys import keep_keys
from services.identity.credentials.key_ring import KeyRing
from services.identity.first_administrator import open_database
from services.identity.storage.removals import REMOVALS
from tests.integration.identity.running import RULES, Running, refusal
from tests.integration.identity.test_invitations import invite
from tests.kit.page_tokens import page_token


async def test_challenges_are_forgotten_after_a_day_and_the_next_key_is_made_in_time(identity: Running) -> None:
    await identity.challenge("anybody@example.org")
    ring = KeyRing(identity.settings.keys / "tokens", timedelta(days=30))
    async with open_database(identity.settings, identity.clock) as database:
        maintenance = Maintenance(database, REMOVALS, [partial(keep_keys, database, ring)])
        await maintenance.keep()
        assert len(await identity.rows("SELECT 1 FROM challenges")) == 1
        before = json.loads(await ring.key_set())["keys"]
        identity.clock.advance(timedelta(days=30))
        await maintenance.keep()
    assert await identity.rows("SELECT 1 FROM challenges") == []
    assert await identity.rows("SELECT 1 FROM buckets") == []
    after = json.loads(await ring.key_set())["keys"]
    assert after[:2] == before and len(after) == 3


async def test_the_database_shows_an_invitation_to_services_and_to_who_names_it_only(identity: Running) -> None:
    invitation = await invite(identity)
    query = text("SELECT count(*) FROM invitations")
    async with open_database(identity.settings, identity.clock) as database:
        async with database.transaction(SYSTEM) as tx:
            assert (await tx.connection.execute(query)).scalar() == 1
        async with database.transaction(Principal(account_id=uuid4())) as tx:
            assert (await tx.connection.execute(query)).scalar() == 0
            await tx.invitations.named(parse_name("invitations", invitation.name))
            assert (await tx.connection.execute(query)).scalar() == 1
        async with database.engine.begin() as connection:
            assert (await connection.execute(query)).scalar() == 0


async def test_the_program_prints_a_code_that_claims_the_platform(identity: Running) -> None:
    settings = identity.settings
    given = {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "NATS_URL": settings.nats_url.get_secret_value(),
        "LISTEN": "127.0.0.1:0",
        "OBJECTS": str(settings.objects),
        "KEYS": str(settings.keys),
        "RULES": str(RULES),
        "SERVICE_SECRET": "secret of identity",
        "SERVICE_SECRET_DIGESTS": json.dumps(settings.service_secret_digests),
        "IDENTITY_ADDRESS": "127.0.0.1:1",
        "NOTIFY_ADDRESS": "127.0.0.1:1",
    }
    environment = os.environ | {f"COMITY_{name}": value for name, value in given.items()}
    command = [sys.executable, "-m", "services.identity", "first-administrator"]
    done = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    request = pb.ClaimFirstAdministratorRequest(
        request_id=str(uuid4()),
        code=done.stdout.strip(),
        display_name="样本 SAMPLE",
        email="first@example.org",
        locale="zh",
        organisation_display_name="样本平台 SAMPLE",
    )
    # The program runs on the machine's time, the service under test on the test's: hence set the test's to it.
    identity.clock.set((await identity.rows("SELECT expire_time FROM first_administrator_codes"))[0].expire_time)
    identity.clock.set(identity.clock.now() - timedelta(hours=1))
    answer = await identity.call("ClaimFirstAdministrator", request)
    assert answer.organisation.kind == pb.ORGANISATION_KIND_PLATFORM


@pytest.mark.parametrize(
    "name",
    ["", "   ", "甲\x00", "甲\n乙", "甲\u202e乙", "\u200b", "甲\ue000", "x" * 101],
    ids=lambda name: ascii(name)[:20],
)
async def test_a_name_that_cannot_stand_in_a_document_is_refused(identity: Running, name: str) -> None:
    challenge = await identity.challenge("someone@example.org")
    code = identity.notify.code_for("someone@example.org")
    profile = pb.Profile(display_name=name, locale="zh")
    request = pb.CompleteSignInRequest(challenge=challenge, code=code, profile=profile)
    reason = await refusal(identity.call("CompleteSignIn", request))
    assert reason in ("MALFORMED_REQUEST", "NAME_REQUIRED", "UNPRINTABLE_CHARACTER")


HOSTILE = "\x00'; DROP TABLE accounts; --"


@pytest.mark.parametrize(
    ("method", "request_", "reasons"),
    [
        ("StartSignIn", {"contact": HOSTILE}, {"UNPRINTABLE_CHARACTER"}),
        ("CompleteSignIn", {"challenge": HOSTILE, "code": "123456"}, {"UNPRINTABLE_CHARACTER"}),
        ("CompleteSignIn", {"challenge": f"challenges/{uuid4()}", "code": "١٢٣٤٥٦"}, {"MALFORMED_REQUEST"}),
        ("GetAccount", {"name": HOSTILE}, {"UNPRINTABLE_CHARACTER"}),
        ("GetAccount", {"name": "'; DROP TABLE accounts; --"}, {"MALFORMED_NAME"}),
        ("GetOrganisation", {"name": f"organisations/{uuid4()}"}, {"NOT_FOUND"}),
        ("StartProof", {"subject": HOSTILE, "digest": bytes(32)}, {"UNPRINTABLE_CHARACTER"}),
        ("StartProof", {"subject": "signingRounds/1", "digest": b"short"}, {"MALFORMED_REQUEST"}),
        ("StartInvitationClaim", {"invitation": HOSTILE}, {"UNPRINTABLE_CHARACTER"}),
        (
            "ListOrganisations",
            {"page_token": page_token("organisations", HOSTILE, str(uuid4()))},
            {"MALFORMED_PAGE_TOKEN"},
        ),
        ("ListOrganisations", {"page_token": page_token("organisations", "a", HOSTILE)}, {"MALFORMED_PAGE_TOKEN"}),
        ("GrantRole", {"organisation": HOSTILE, "account": HOSTILE, "role": 1}, {"ACCESS_DENIED", "MALFORMED_NAME"}),
    ],
)
async def test_hostile_input_is_refused_with_a_reason_and_never_an_internal_error(
    identity: Running, method: str, request_: dict[str, Any], reasons: set[str]
) -> None:
    person = await identity.person()
    kind = getattr(pb, f"{method}Request")
    if "request_id" in kind.DESCRIPTOR.fields_by_name:
        request_ = {"request_id": str(uuid4()), **request_}
    assert await refusal(identity.call(method, kind(**request_), person)) in reasons
