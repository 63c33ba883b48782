"""The embedded NATS server: durability, and what it refuses to each service."""

import asyncio
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.request import urlopen

import nats
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import ConsumerConfig

from deploy.local.account import remove_home
from deploy.local.nats import EmbeddedNats, find_nats_server
from deploy.local.nats_permissions import EVERYTHING, OPERATOR, NatsUser
from deploy.local.ports import LOOPBACK
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats

USERS = [NatsUser(OPERATOR, "password", EVERYTHING)]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="shows what happens as root only")


class Voice:
    """A service's connection that remembers what the server refused it."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.client: Client

    async def note(self, error: Exception) -> None:
        self.refused.append(str(error).lower())

    async def is_refused(self, subject: str) -> None:
        wanted = subject.lower()
        await eventually(lambda: any("permissions violation" in said and wanted in said for said in self.refused))


@pytest.fixture
async def speak(nats: KitNats) -> AsyncIterator[Callable[[str], object]]:
    """Connect as a service, with its real permissions."""
    nats.require_users()
    voices: list[Voice] = []

    async def connect(service: str) -> Voice:
        voice = Voice()
        voice.client = await _connect(nats.url(service), service, voice)
        voices.append(voice)
        return voice

    yield connect
    for voice in voices:
        await voice.client.close()


async def _connect(url: str, service: str, voice: Voice) -> Client:
    return await nats.connect(url, inbox_prefix=f"_INBOX.{service}", allow_reconnect=False, error_cb=voice.note)


Speak = Callable[[str], "asyncio.Future[Voice]"]


async def publish_one(intake: Voice) -> None:
    jetstream = intake.client.jetstream()
    await jetstream.publish("comity.intake.v1.matter.received", b"one", headers={"Nats-Msg-Id": "1"})


async def test_a_service_publishes_to_its_stream(speak: Speak) -> None:
    intake = await speak("intake")
    await publish_one(intake)
    jetstream = intake.client.jetstream()
    assert (await jetstream.stream_info("INTAKE")).state.messages == 1
    assert not intake.refused


async def test_a_consumer_reads_and_acknowledges_what_it_may_consume(speak: Speak) -> None:
    await publish_one(await speak("intake"))
    mediation = await speak("mediation")
    jetstream = mediation.client.jetstream()
    subscription = await jetstream.pull_subscribe_bind("mediation", "INTAKE")
    (message,) = await subscription.fetch(1, timeout=30)
    assert message.data == b"one"
    await message.ack_sync()
    assert (await jetstream.consumer_info("INTAKE", "mediation")).num_ack_pending == 0
    assert not mediation.refused


async def test_a_service_hears_its_own_nudge(speak: Speak) -> None:
    intake = await speak("intake")
    heard: list[str] = []

    async def hear(message: Msg) -> None:
        heard.append(message.subject)

    await intake.client.subscribe("comity.nudge.intake", cb=hear)
    await intake.client.publish("comity.nudge.intake")
    await eventually(lambda: heard == ["comity.nudge.intake"])


@pytest.mark.parametrize(
    "subject",
    [
        "comity.intake.v1.matter.received",
        "comity.nudge.intake",
        "_INBOX.intake.reply",
        "$JS.API.STREAM.DELETE.INTAKE",
        "$JS.API.STREAM.PURGE.INTAKE",
        "$JS.API.STREAM.DELETE.NOTIFY",
        "$JS.API.STREAM.MSG.GET.INTAKE",
        "$JS.API.DIRECT.GET.INTAKE",
        "$JS.API.STREAM.UPDATE.INTAKE",
        "$JS.API.STREAM.SNAPSHOT.INTAKE",
        "$JS.API.CONSUMER.DELETE.INTAKE.mediation",
        "$JS.API.CONSUMER.MSG.NEXT.INTAKE.mediation",
        "$JS.API.CONSUMER.CREATE.INTAKE.mediation",
        "$JS.API.CONSUMER.CREATE.INTAKE.notify",
        "$JS.API.CONSUMER.DURABLE.CREATE.INTAKE.notify",
        "$JS.API.STREAM.CREATE.NOTIFY",
        "$JS.API.STREAM.UPDATE.NOTIFY",
        "$JS.ACK.INTAKE.mediation.1.1.1.1.0",
        "$SYS.REQ.SERVER.PING",
    ],
)
async def test_a_service_cannot_say_what_is_another_s_to_say(speak: Speak, subject: str) -> None:
    notify = await speak("notify")
    await notify.client.publish(subject, b"forged")
    await notify.is_refused(subject)


@pytest.mark.parametrize("subject", [">", "comity.>", "_INBOX.>", "_INBOX.intake.>", "$JS.>", "comity.intake.v1.>"])
async def test_a_service_cannot_listen_where_it_has_no_business(speak: Speak, subject: str) -> None:
    notify = await speak("notify")
    await notify.client.subscribe(subject)
    await notify.is_refused(subject)


async def test_a_service_cannot_read_a_stream_it_does_not_consume(speak: Speak) -> None:
    await publish_one(await speak("intake"))
    court_link = await speak("court_link")
    jetstream = court_link.client.jetstream(timeout=0.3)
    with pytest.raises(NatsTimeoutError):
        await jetstream.stream_info("INTAKE")
    with pytest.raises(NatsTimeoutError):
        await jetstream.add_consumer("INTAKE", ConsumerConfig(durable_name="court_link"))
    await court_link.is_refused("$JS.API.STREAM.INFO.INTAKE")


@pytest.mark.parametrize("credentials", [{}, {"user": "intake", "pass": "wrong"}, {"user": "nobody", "pass": ""}])
async def test_a_stranger_is_not_let_in(nats_server: KitNats, credentials: dict[str, str]) -> None:
    nats_server.require_users()
    reader, writer = await asyncio.open_connection(*nats_server.address.split(":"))
    await reader.readline()
    writer.write(b"CONNECT " + json.dumps({"verbose": False, **credentials}).encode() + b"\r\nPING\r\n")
    assert await reader.readline() == b"-ERR 'Authorization Violation'\r\n"
    writer.close()


@pytest.fixture
async def server(data_folder: Path) -> AsyncIterator[EmbeddedNats]:
    server = EmbeddedNats(data_folder / "nats", USERS)
    await server.start()
    yield server
    await server.stop()


async def fill(server: EmbeddedNats, messages: int) -> None:
    client = await nats.connect(server.url_for(OPERATOR), allow_reconnect=False)
    jetstream = client.jetstream()
    await jetstream.add_stream(name="KEPT", subjects=["kept.>"])
    for number in range(messages):
        await jetstream.publish("kept.message", b"%d" % number)
    await client.close()


async def count(server: EmbeddedNats) -> int:
    client = await nats.connect(server.url_for(OPERATOR), allow_reconnect=False)
    try:
        return int((await client.jetstream().stream_info("KEPT")).state.messages)
    finally:
        await client.close()


async def test_acknowledged_messages_survive_kill_9_and_the_port_stays(server: EmbeddedNats) -> None:
    await fill(server, 200)
    port = server.port
    await server.kill()
    assert not await server.ready()
    await server.start()
    assert server.port == port
    assert await count(server) == 200


async def test_every_write_is_synced_before_it_is_acknowledged(server: EmbeddedNats) -> None:
    with await asyncio.to_thread(urlopen, f"http://{LOOPBACK}:{server.monitoring_port}/jsz") as answer:
        assert json.load(answer)["config"]["sync_always"] is True


async def test_other_ports_are_taken_when_the_remembered_ones_are_taken(server: EmbeddedNats) -> None:
    await fill(server, 1)
    await server.stop()
    old = (server.port, server.monitoring_port)
    with socket.create_server((LOOPBACK, old[0])), socket.create_server((LOOPBACK, old[1])):
        await server.start()
        assert {server.port, server.monitoring_port}.isdisjoint(old)
        assert await count(server) == 1


async def test_two_servers_never_share_a_store(server: EmbeddedNats) -> None:
    second = EmbeddedNats(server.folder, USERS)
    await second.start()
    assert server.pid is None
    await second.stop()


@as_root
async def test_as_root_it_runs_as_nobody_and_opens_no_folder(tmp_path: Path, modes: Callable[[Path], object]) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    program = private / "nats-server"
    shutil.copy(find_nats_server(), program)
    before = modes(private)
    server = EmbeddedNats(private / "data" / "nats", USERS, program=program)
    try:
        await server.start()
        await fill(server, 1)
        assert os.stat(f"/proc/{server.pid}").st_uid == server.account.user != 0  # type: ignore[union-attr]
        assert modes(private) == before
        configuration = server.home / "nats-server.json"
        assert configuration.stat().st_mode & 0o777 == 0o600, "it holds passwords"
    finally:
        await server.stop()
        remove_home(server.folder)
