"""Documents by digest: durable, verified on the way out, collected only when nobody refers to them."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.common.documents.canonical import canonical_json, sha256_hex
from services.common.documents.object_store import ObjectStore
from services.common.kernel.errors import DomainError

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ROUNDS = 1_000


def stored_file(folder: Path, digest: str) -> Path:
    return next(folder.rglob(digest))


def test_what_was_put_is_got_back_under_its_digest(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects")
    digest = store.put(b"frozen")
    assert digest == sha256_hex(b"frozen")
    assert store.put(b"frozen") == digest
    assert ObjectStore(tmp_path / "objects").get(digest) == b"frozen"


def test_a_damaged_object_is_never_served(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    digest = store.put(b"frozen")
    stored_file(tmp_path, digest).write_bytes(b"fr0zen")
    with pytest.raises(DomainError) as caught:
        store.get(digest)
    assert caught.value.reason == "DOCUMENT_DAMAGED"


def test_a_damaged_object_is_mended_by_putting_it_again(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    digest = store.put(b"frozen")
    stored_file(tmp_path, digest).write_bytes(b"")
    store.put(b"frozen")
    assert store.get(digest) == b"frozen"


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc/passwd", "", "A" * 64, "0" * 63])
def test_an_unknown_or_malformed_digest_is_not_found(tmp_path: Path, digest: str) -> None:
    with pytest.raises(DomainError) as caught:
        ObjectStore(tmp_path).get(digest)
    assert caught.value.reason == "NOT_FOUND"


def test_only_old_objects_are_found_and_removed(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    kept, orphan, young = (store.put(content) for content in (b"kept", b"orphan", b"young"))
    old = (NOW - timedelta(days=2)).timestamp()
    for digest in (kept, orphan):
        os.utime(stored_file(tmp_path, digest), (old, old))
    os.utime(stored_file(tmp_path, young), (NOW.timestamp(), NOW.timestamp()))
    leftover = stored_file(tmp_path, kept).parent / ".incoming-abandoned"
    leftover.write_bytes(b"half")
    os.utime(leftover, (old, old))
    limit = NOW - timedelta(days=1)
    assert set(store.untouched_since(limit)) == {kept, orphan}
    assert store.remove({orphan, young, sha256_hex(b"never stored")}, limit) == 1
    assert set(store.untouched_since(NOW + timedelta(days=1))) == {kept, young}
    assert not leftover.exists()


def test_an_object_put_again_is_never_removed_as_old(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    digest = store.put(b"frozen")
    old = (NOW - timedelta(days=2)).timestamp()
    ended = threading.Event()

    def remove_all_the_time() -> int:
        removed = 0
        while not ended.is_set():
            removed += ObjectStore(tmp_path).remove([digest], NOW - timedelta(days=1))
        return removed

    with ThreadPoolExecutor() as threads:
        removing = [threads.submit(remove_all_the_time) for _ in range(2)]
        try:
            for _ in range(ROUNDS):
                store.put(b"frozen")
                assert store.get(digest) == b"frozen"
                with suppress(FileNotFoundError):
                    os.utime(stored_file(tmp_path, digest), (old, old))
        finally:
            ended.set()
    assert sum(each.result() for each in removing) > 0


def test_a_disk_that_refuses_leaves_nothing_visible(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    digest = sha256_hex(b"content")
    (tmp_path / digest[:2]).write_bytes(b"a file where the folder should be")
    with pytest.raises(NotADirectoryError):
        store.put(b"content")
    with pytest.raises((DomainError, OSError)):
        store.get(digest)


def test_canonical_json_is_one_byte_string_for_one_value() -> None:
    assert (
        canonical_json({"b": 1, "a": "金额"}) == canonical_json({"a": "金额", "b": 1}) == '{"a":"金额","b":1}'.encode()
    )


@pytest.mark.parametrize("value", [1.5, {"a": [1.0]}, 2**60, {1: "a"}, "\ud800", {"a": object()}])
def test_a_value_without_exact_form_has_no_canonical_json(value: object) -> None:
    with pytest.raises(DomainError) as caught:
        canonical_json(value)
    assert caught.value.reason == "NOT_CANONICAL"
