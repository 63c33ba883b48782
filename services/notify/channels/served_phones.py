"""Text messages to the countries that are served only: some numbers cost a hundred times as much."""

from collections.abc import Sequence

from services.notify.application.ports import Channel, ChannelFailure, Message


class ServedPhones:
    """A channel for text messages that leaves out numbers with none of the prefixes; without prefixes none."""

    def __init__(self, channel: Channel, prefixes: Sequence[str]) -> None:
        self._channel = channel
        self._prefixes = tuple(prefixes)

    async def send(self, message: Message) -> str:
        if self._prefixes and not message.address.startswith(self._prefixes):
            raise ChannelFailure("no text messages go to this country", for_good=True)
        return await self._channel.send(message)
