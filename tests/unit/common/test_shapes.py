"""The shape of what is kept as JSON changes on purpose only."""

from importlib import import_module
from inspect import getmembers
from typing import Any

import pytest

from services.common.kernel.events import Aggregate
from services.common.storage.shapes import described, recorded

SERVICES = ("intake", "mediation", "court_link", "notify")


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_keeps_has_the_recorded_shape(service: str) -> None:
    kept = import_module(f"services.{service}.storage.shapes").KEPT
    assert described(kept) == recorded(service).read_text(encoding="utf-8"), (
        "a field that comes needs a default for older rows, one that goes stays behind in them; when that is in order, "
        "`make shapes` records it"
    )


@pytest.mark.parametrize("service", ["mediation", "court_link"])
def test_no_aggregate_that_a_repository_keeps_as_json_is_left_out(service: str) -> None:
    kept = import_module(f"services.{service}.storage.shapes").KEPT
    named: dict[str, Any] = dict(getmembers(import_module(f"services.{service}.storage.repositories")))
    named |= dict(getmembers(import_module(f"services.{service}.storage.transaction")))
    found = {each for each in named.values() if isinstance(each, type) and issubclass(each, Aggregate)} - {Aggregate}
    assert found and found <= set(kept)
