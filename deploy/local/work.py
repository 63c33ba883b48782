"""What a running service says of its work that failed or waits, read from its Prometheus page."""

import asyncio
from dataclasses import dataclass
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from deploy.local.ports import LOOPBACK

_SECONDS = 2.0
_WAITING = ("comity_jobs_waiting_seconds", "comity_events_waiting_seconds")


@dataclass(frozen=True, slots=True)
class Work:
    """Jobs that were given up, messages that could not be applied, and how long what waits longest has waited (s)."""

    failed: int
    parked: int
    waiting: float
    calendar_days: int | None = None
    """How many days the calendar that ends first still lasts; None of a service that counts none."""


async def work_of(metrics_port: int) -> Work | None:
    """None while the page cannot be read."""
    try:
        page = await asyncio.to_thread(_page, metrics_port)
    except OSError:
        return None
    values: dict[str, list[float]] = {}
    for family in text_string_to_metric_families(page):
        values[family.name] = [sample.value for sample in family.samples]
    return Work(
        failed=int(sum(values.get("comity_jobs_failed", ()))),
        parked=int(sum(values.get("comity_dead_letters_parked", ()))),
        calendar_days=min((int(days) for days in values.get("comity_calendar_days_left", ())), default=None),
        waiting=max((seconds for name in _WAITING for seconds in values.get(name, ())), default=0.0),
    )


def _page(port: int) -> str:
    with urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=_SECONDS) as answer:
        return str(answer.read().decode())
