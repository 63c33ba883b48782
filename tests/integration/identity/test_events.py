"""What identity publishes, and the dossiers that its events name."""

from uuid import uuid4

from comity.common.v1 import dossier_pb2
from comity.identity.v1 import identity_events_pb2 as events_pb
from comity.identity.v1 import identity_service_pb2 as pb

from services.common.rpc.client import pull
from tests.integration.identity.running import Running, refusal
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.tokens import bearer


async def received(nats: KitNats, kind: str, count: int = 1) -> list[bytes]:
    """The first events of a kind, as the stream keeps them."""
    client = await nats.connect()
    try:
        jetstream = client.jetstream()

        async def there() -> bool:
            info = await jetstream.stream_info("IDENTITY", f"comity.identity.v1.{kind}")
            return (info.state.subjects or {}).get(f"comity.identity.v1.{kind}", 0) >= count

        await eventually(there)
        subscription = await jetstream.pull_subscribe(f"comity.identity.v1.{kind}", stream="IDENTITY")
        return [message.data for message in await subscription.fetch(count, timeout=30)]
    finally:
        await client.close()


async def test_a_verified_contact_is_announced_by_digest_and_pulled_by_notify_only(
    identity: Running, nats: KitNats
) -> None:
    person = await identity.person("样本乙 SAMPLE")
    (data,) = await received(nats, "account.registered")
    event = events_pb.AccountRegistered.FromString(data)
    assert event.account == person.account.name
    assert person.email.encode() not in data and "样本乙".encode() not in data
    request = pb.ReadContactDossierRequest(account=event.account, digest=event.contacts_digest)
    metadata = bearer(await identity.service_token("notify"))
    dossier = dossier_pb2.ContactDossier.FromString(
        await pull(
            lambda: identity.stub.ReadContactDossier(request, metadata=metadata, timeout=30), event.contacts_digest
        )
    )
    assert [(card.email, card.display_name) for card in dossier.cards] == [(person.email, "样本乙 SAMPLE")]


async def test_a_contact_that_nobody_proved_is_in_no_dossier(identity: Running) -> None:
    person = await identity.person()
    request = pb.StartContactVerificationRequest(request_id=str(uuid4()), contact="unproven@example.org")
    await identity.call("StartContactVerification", request, person)
    await identity.challenge("stranger@example.org")
    (row,) = await identity.rows("SELECT bytes FROM dossiers")
    assert person.email.encode() in row.bytes and b"unproven" not in row.bytes


async def test_a_digest_is_no_permission_for_another_account(identity: Running, nats: KitNats) -> None:
    await identity.register()
    other = await identity.register()
    (data,) = await received(nats, "account.registered")
    digest = events_pb.AccountRegistered.FromString(data).contacts_digest
    request = pb.ReadContactDossierRequest(account=other.name, digest=digest)
    metadata = bearer(await identity.service_token("notify"))
    call = pull(lambda: identity.stub.ReadContactDossier(request, metadata=metadata, timeout=30), digest)
    assert await refusal(call) == "NOT_FOUND"


async def test_roles_and_organisations_are_announced(identity: Running, nats: KitNats) -> None:
    administrator = await identity.administrator()
    head = await identity.register()
    made = await identity.organisation(administrator, pb.ORGANISATION_KIND_COURT, head, "样本法院 SAMPLE")
    created = events_pb.OrganisationCreated.FromString((await received(nats, "organisation.created", 2))[1])
    assert (created.organisation, created.kind, created.region_code) == (made.name, made.kind, "110101")
    granted = events_pb.AccountRoleGranted.FromString((await received(nats, "account.role_granted", 2))[1])
    assert (granted.account, granted.organisation, granted.role) == (head.name, made.name, pb.ROLE_ADMINISTRATOR)


async def test_the_event_log_cannot_be_changed_by_the_service(identity: Running) -> None:
    await identity.register()
    assert await identity.rows("SELECT 1 FROM event_log WHERE type = 'account.registered'")
    rights = await identity.rows("SELECT has_table_privilege('identity', 'event_log', 'UPDATE, DELETE') AS may")
    assert rights[0].may is False
