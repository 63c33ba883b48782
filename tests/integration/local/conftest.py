"""Folders for servers that leave nothing behind, also outside the test's own folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.account import remove_home


@pytest.fixture
def data_folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder. As root the servers' files lie elsewhere; they are removed with it."""
    folder = tmp_path / "data"
    yield folder
    for record in tmp_path.rglob("home"):
        if record.is_file():
            remove_home(record.parent)


@pytest.fixture
def reports() -> list[str]:
    """What a supervisor reported: pass ``reports.append``."""
    return []


@pytest.fixture
def modes() -> Callable[[Path], dict[Path, int]]:
    """The modes of a folder and of every folder above it, to compare before and after."""
    return lambda folder: {place: place.stat().st_mode for place in (folder, *folder.parents)}
