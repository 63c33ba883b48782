"""Mediation's object store: what a row names stays, however old; the revisions between two signatures are forgotten."""

import hashlib
from datetime import timedelta

from comity.mediation.v1 import agreement_pb2

from services.mediation.storage.tables import metadata
from tests.integration.mediation.running import Mediation
from tests.kit.eventually import eventually
from tests.kit.objects import make_old, named_in_rows, stored

TERMS, FROZEN, SIGNED = (
    agreement_pb2.DOCUMENT_FORM_TERMS,
    agreement_pb2.DOCUMENT_FORM_FROZEN,
    agreement_pb2.DOCUMENT_FORM_SIGNED,
)


async def collected(mediation: Mediation, *also_named: str) -> int:
    """How many objects went when all were old and a replica, which collects as it starts, left what rows name."""
    folder = mediation.settings.objects
    before = stored(folder)
    named = (await named_in_rows(mediation.database.superuser_url, metadata) | set(also_named)) & before
    make_old(folder, mediation.clock.now() - timedelta(days=2))
    async with mediation.replica():
        await eventually(lambda: stored(folder) == named)
    return len(before) - len(named)


async def test_a_sealed_agreement_and_its_record_stay_and_the_revisions_between_go(mediation: Mediation) -> None:
    name = await mediation.opened()
    record = await mediation.sealed_record(await mediation.closed_record(name))
    await mediation.respond((await mediation.offer(name)).name, mediation.respondent, accept=True)
    agreement = await mediation.draft(name)
    await mediation.sign_all(name, agreement, await mediation.freeze(agreement))
    assert await collected(mediation) == len(("party-1", "party-2", "mediator"))
    for document, form in ((agreement.name, FROZEN), (agreement.name, SIGNED), (record.name, SIGNED)):
        assert (await mediation.download(mediation.respondent, document, form)).startswith(b"%PDF-")


async def test_what_waits_for_signatures_longer_than_a_day_can_still_be_signed_and_given_to_a_court(
    mediation: Mediation,
) -> None:
    name, agreement, signing_round = await mediation.frozen()
    terms = hashlib.sha256(await mediation.download(mediation.complainant, agreement.name, TERMS)).hexdigest()
    assert terms in stored(mediation.settings.objects)
    assert await collected(mediation, terms) == 0
    await mediation.sign_all(name, agreement, signing_round)
    assert terms in stored(mediation.settings.objects)
