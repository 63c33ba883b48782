"""All that one person can read of a service, byte for byte: what others do alone must leave it as it was."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from tests.kit.audit import audited_of

READING = ("Get", "List", "Download", "Validate", "Check")
_SUBJECTS = ("name", "document")
"""Fields that take names of more than one kind; any other is filled with the kind that it is called after."""

View = dict[str, bytes]
"""What was answered or refused, by what was asked."""


class Views:
    """Reads a service as one person, by every reading method that it declares."""

    def __init__(self, service: ServiceDescriptor, stub: Any, superuser_url: str, caller: Callable[[], Any]) -> None:
        """``caller`` gives the metadata of a call. The database says what there is to ask about."""
        self._kinds = audited_of(service.full_name.split(".")[1]).kinds
        self._methods = [each for each in service.methods if each.name.startswith(READING)]
        self._stub = stub
        self._superuser_url = superuser_url
        self._caller = caller

    async def everything(self) -> list[str]:
        """The name of every aggregate."""
        connection = await asyncpg.connect(self._superuser_url)
        try:
            return [
                f"{kind.collection}/{row['id']}"
                for kind in self._kinds
                for row in await connection.fetch(f"SELECT id FROM {kind.table.name} ORDER BY id")
            ]
        finally:
            await connection.close()

    async def of(self, names: Iterable[str]) -> dict[str, View]:
        """Every answer and every refusal about each of these; under "" those of methods that take no name."""
        seen = {name: await self._view(name) for name in names}
        return {**seen, "": await self._view("")}

    async def _view(self, name: str) -> View:
        return {
            f"{method.name} {chosen}".strip(): await self._answer(method, request)
            for method in self._methods
            if bool(given := self._filled(method, name)) == bool(name)
            for chosen, request in _requests(method, given)
        }

    def _filled(self, method: MethodDescriptor, name: str) -> dict[str, str]:
        """The fields that this name goes into; for no name, those that any could go into."""
        texts = {each.name for each in method.input_type.fields if each.type == each.TYPE_STRING}
        kinds = [name.partition("/")[0]] if name else [each.collection for each in self._kinds]
        return dict.fromkeys(sorted(texts & {*_SUBJECTS, *map(_singular, kinds)}), name)

    async def _answer(self, method: MethodDescriptor, request: Message) -> bytes:
        call = getattr(self._stub, method.name)(request, metadata=self._caller(), timeout=30)
        try:
            if method.server_streaming:
                return b"".join([each.SerializeToString(deterministic=True) async for each in call])
            return bytes((await call).SerializeToString(deterministic=True))
        except grpc.aio.AioRpcError as error:
            return f"{error.code()} {error.details()} {error.trailing_metadata()}".encode()


@asynccontextmanager
async def unseen_by(views: Views, *also: str) -> AsyncIterator[None]:
    """What happens inside changes no byte of these views, and what it makes is for them as if it were not there.

    ``also``: names to ask about that are no aggregates of the service.
    """
    there = [*await views.everything(), *also]
    before = await views.of(there)
    shown = [each for view in before.values() for each in view.values() if not each.startswith(b"StatusCode")]
    assert any(shown), "who sees nothing proves nothing"
    yield
    changed = _changed(before, await views.of(there))
    assert not changed, f"this is seen: {changed}"
    for name in set(await views.everything()) - set(there):
        absent = f"{name.partition('/')[0]}/{uuid4()}"
        seen = await views.of([name, absent])
        assert seen[name] == seen[absent], f"{name} can be told from what is not there"


def _changed(before: dict[str, View], after: dict[str, View]) -> dict[str, tuple[bytes, bytes]]:
    return {
        f"{name} {asked}": (answer, after[name][asked])
        for name, view in before.items()
        for asked, answer in view.items()
        if answer != after[name][asked]
    }


def _requests(method: MethodDescriptor, given: dict[str, str]) -> Iterator[tuple[str, Message]]:
    """One request, or one for each value of the choice that the method offers."""
    kind = GetMessageClass(method.input_type)
    choices = [each for each in method.input_type.fields if each.enum_type is not None]
    if not choices:
        yield "", kind(**given)
    for field in choices:
        for value in field.enum_type.values:
            yield value.name, kind(**given, **{field.name: value.number})


def _singular(collection: str) -> str:
    return collection.removesuffix("s")
