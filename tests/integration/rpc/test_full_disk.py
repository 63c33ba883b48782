"""The disk of the object store is full: signing says so and leaves nothing half-written, and goes on when there is room."""

import hashlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from comity.mediation.v1 import agreement_pb2

from services.common.kernel.errors import DomainError, ErrorKind
from tests.integration.mediation.running import Mediation, running
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres

_SIZE = "16m"
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0, reason="mounting a small disk needs root on Linux"
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small" / "objects"
    folder.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)], check=False)
    if mounted.returncode != 0:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
async def mediation(postgres: KitPostgres, nats: KitNats, small_disk: Path) -> AsyncIterator[Mediation]:
    async with running(postgres, nats, small_disk.parent) as one:
        yield one


async def test_freezing_on_a_full_disk_is_refused_and_may_be_tried_again(
    mediation: Mediation, small_disk: Path
) -> None:
    agreement = await mediation.draft(await mediation.agreed())
    with _full(small_disk):
        with pytest.raises(DomainError, match="nothing was saved: try again") as caught:
            await mediation.freeze(agreement)
        assert (caught.value.kind, caught.value.reason) == (ErrorKind.UNAVAILABLE, "STORAGE_UNAVAILABLE")
        _nothing_half_written(small_disk)
    assert (await mediation.freeze(agreement)).state == agreement_pb2.ROUND_STATE_OPEN


async def test_signing_on_a_full_disk_waits_for_room_and_then_seals(mediation: Mediation, small_disk: Path) -> None:
    _, agreement, signing_round = await mediation.frozen()
    with _full(small_disk):
        await mediation.sign(signing_round, mediation.complainant, "party-1")
        waits = "state = 'QUEUED' AND last_error = 'FOLDER_FULL' AND attempts = 0"
        tried = f"SELECT 1 FROM jobs WHERE kind = 'sign_slot' AND {waits}"
        await eventually(lambda: mediation.sql(tried))
        _nothing_half_written(small_disk)
        assert await mediation.events("agreement.slot_signed") == []
    await mediation.sign(signing_round, mediation.respondent, "party-2")
    await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_PARTIES_COMPLETE)
    await mediation.sign(signing_round, mediation.mediator, "mediator")
    await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_AWAITING_SEAL)
    await mediation.seal(signing_round)
    await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_SEALED)
    content = await mediation.download(mediation.complainant, agreement.name, agreement_pb2.DOCUMENT_FORM_SIGNED)
    assert content.startswith(b"%PDF")
    _nothing_half_written(small_disk)


@contextmanager
def _full(disk: Path) -> Iterator[None]:
    """Takes all the room there is, and gives it back."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    yield
    filler.unlink()


def _nothing_half_written(disk: Path) -> None:
    for path in disk.glob("*/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name, "not what its name says, or not finished"
