"""What notify's use cases ask of the outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.notify.domain.notice import Text
from services.notify.domain.values import CodePurpose, NoticeChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A matter, referral or case that people are told of. A case's ``origin`` is the matter or referral."""

    name: str
    number: str
    organisation_id: UUID
    origin: str = ""
    sample: bool = False
    mediator_account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The organisation in whose name is written, and its telephone; both empty for the platform itself."""

    display_name: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is handed to a channel. ``key`` is the same whenever the same message is sent again."""

    key: str
    address: str
    text: Text
    locale: str = "zh"
    """In which language it is."""


class ChannelFailure(Exception):
    """The channel did not take the message. ``for_good``: trying again there is useless. ``away``: its server did not
    answer at all, which says nothing of the message.
    """

    def __init__(self, evidence: str, *, for_good: bool, away: bool = False) -> None:
        super().__init__(evidence)
        self.evidence = evidence
        self.for_good = for_good
        self.away = away


class Channel(Protocol):
    """A way to a person."""

    async def send(self, message: Message) -> str:
        """Hands the message over and gives the evidence: the receiving server's words.

        Raises ChannelFailure; OSError when it is this service's own disk that fails, which uses up no try.
        """
        ...


Channels = Mapping[NoticeChannel, Channel]


class Templates(Protocol):
    """The words of every notice, in Chinese and English."""

    def notice(self, template: str, locale: str, facts: Mapping[str, object], sender: Sender = Sender()) -> Text: ...

    def code(self, purpose: CodePurpose, locale: str, code: str, expire_time: datetime) -> Text: ...
