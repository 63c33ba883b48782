"""The attacks on codes, in short: how many mails they cause, and that the owner signs in beside them."""

from tests.abuse.codes import flood, lock_out
from tests.integration.identity.conftest import identity  # noqa: F401 - a fixture
from tests.integration.identity.running import Running


async def test_a_flood_from_one_address_causes_no_more_mails_than_its_bucket_holds(identity: Running) -> None:  # noqa: F811
    figures = await flood(identity.stub, [f"stranger{number}@example.org" for number in range(200)])
    assert figures.answered == len(identity.notify.sent) == 120
    assert figures.refused == {"TOO_MANY_CODES": 80}


async def test_a_lock_out_by_asking_and_guessing_keeps_the_owner_from_nothing(identity: Running) -> None:  # noqa: F811
    owner = await identity.person("样本甲 SAMPLE", "owner@example.org")
    before = len(identity.notify.sent)
    figures = await lock_out(identity.stub, "owner@example.org", 50)
    assert figures.answered == 50 and len(identity.notify.sent) - before <= 2
    assert (await identity.sign_in("owner@example.org")).account.name == owner.account.name
