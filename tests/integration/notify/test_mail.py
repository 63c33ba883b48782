"""The mail channel against servers that hang, refuse, are gone, or take it."""

import pytest

from deploy.local.ports import free_port
from services.notify.application.ports import ChannelFailure, Message
from services.notify.channels.mail import SmtpMail, SmtpServer
from services.notify.domain.notice import Text
from tests.integration.notify.conftest import MailServer
from tests.kit.clock import FakeClock
from tests.kit.eventually import eventually

MESSAGE = Message(key="018f", address="a@sample.example", text=Text("标题\nBcc: x@sample.example", "正文\n", ""))


def channel(port: int, clock: FakeClock, timeout: float = 30) -> SmtpMail:
    return SmtpMail(SmtpServer.parse(f"smtp://127.0.0.1:{port}"), "Comity <c@sample.example>", clock, timeout=timeout)


async def test_a_taken_mail_gives_the_servers_words(mail_server: tuple[MailServer, int], clock: FakeClock) -> None:
    mail, port = mail_server
    assert await channel(port, clock).send(MESSAGE) == "250 kept"
    (kept,) = mail.kept
    assert kept["Message-ID"] == "<018f@sample.example>"
    assert kept["Bcc"] is None
    assert kept.get_content().splitlines() == ["正文"]


@pytest.mark.parametrize(
    ("answer", "for_good"), [("hang", False), ("451 busy", False), ("554 refused for a@sample.example", True)]
)
async def test_a_failure_says_whether_trying_again_helps(
    mail_server: tuple[MailServer, int], clock: FakeClock, answer: str, for_good: bool
) -> None:
    mail, port = mail_server
    mail.answer = answer
    with pytest.raises(ChannelFailure) as failed:
        await channel(port, clock, 0.5 if answer == "hang" else 30).send(MESSAGE)
    assert failed.value.for_good is for_good
    assert "sample.example" not in failed.value.evidence


async def test_a_connection_is_kept_for_the_next_mail_and_replaced_when_the_server_has_closed_it(
    mail_server: tuple[MailServer, int], clock: FakeClock
) -> None:
    mail, port = mail_server
    sending = channel(port, clock)
    await sending.send(MESSAGE)
    await sending.send(MESSAGE)
    mail.answer = "421 this session has had enough"
    with pytest.raises(ChannelFailure):
        await sending.send(MESSAGE)
    mail.answer = "250 kept"
    await sending.send(MESSAGE)
    assert len(mail.kept) == 3


async def test_a_kept_connection_is_closed_with_the_channel(
    mail_server: tuple[MailServer, int], clock: FakeClock
) -> None:
    mail, port = mail_server
    sending = channel(port, clock)
    await sending.send(MESSAGE)
    assert mail.connected == 1
    sending.close()
    await eventually(lambda: mail.connected == 0)


async def test_a_server_that_is_gone_is_tried_again(clock: FakeClock) -> None:
    with pytest.raises(ChannelFailure) as failed:
        await channel(free_port(), clock).send(MESSAGE)
    assert not failed.value.for_good


@pytest.mark.parametrize("url", ["http://127.0.0.1", "smtp://", "mail"])
def test_what_names_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="mail server"):
        SmtpServer.parse(url)


def test_a_url_gives_encryption_and_credentials() -> None:
    server = SmtpServer.parse("smtps://u%40x:p%3A@mail.sample.example")
    assert (server.port, server.tls, server.user, server.password) == (465, True, "u@x", "p:")
    assert SmtpServer.parse("smtp://mail.sample.example?starttls=require").start_tls is True
