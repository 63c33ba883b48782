"""What waits or failed in one service, as gauges: every replica shows the same, for alerts and for ``comity doctor``."""

from collections.abc import Mapping
from typing import Any

from prometheus_client import Gauge

from services.common.storage.database import Database
from services.common.telemetry import DEAD_LETTERS_PARKED, JOBS_FAILED, JOBS_OLDEST_SECONDS, JOBS_WAITING_SECONDS

POLL_SECONDS = 15.0


class Backlog:
    """A loop of the application."""

    def __init__(self, database: Database[Any]) -> None:
        self._database = database
        self._watch = database.surroundings.watch("backlog")
        self._shown: dict[Gauge, set[str]] = {}

    async def run(self) -> None:
        """Until cancelled. While the database is away the last figures stand."""
        await self._watch.rounds(self.measure, POLL_SECONDS)

    async def measure(self) -> None:
        """One round."""
        now = self._database.clock.now()
        jobs = await self._database.system_statement(_JOBS, now)
        self._show(JOBS_FAILED, {row["kind"]: row["failed"] for row in jobs})
        self._show(JOBS_WAITING_SECONDS, {row["kind"]: row["waiting"] for row in jobs})
        self._show(JOBS_OLDEST_SECONDS, {row["kind"]: row["late"] for row in jobs})
        letters = await self._database.system_statement(_LETTERS)
        self._show(DEAD_LETTERS_PARKED, {row["source"]: row["parked"] for row in letters})

    def _show(self, gauge: Gauge, found: Mapping[str, float]) -> None:
        """What has gone shows as nothing, not as what it was."""
        shown = self._shown.setdefault(gauge, set())
        shown.update(found)
        for label in shown:
            gauge.labels(label).set(float(found.get(label, 0)))


_JOBS = """
    SELECT kind,
        count(*) FILTER (WHERE state = 'FAILED') AS failed,
        coalesce(extract(epoch FROM $1 - min(wait_time)), 0) AS waiting,
        greatest(coalesce(extract(epoch FROM $1 - min(run_time) FILTER (WHERE state = 'QUEUED')), 0), 0) AS late
    FROM (
        SELECT kind, state, wait_time, run_time FROM jobs WHERE state = 'QUEUED'
        UNION ALL SELECT kind, state, wait_time, run_time FROM jobs WHERE state = 'FAILED'
    ) AS open_jobs
    GROUP BY kind
    """
_LETTERS = "SELECT source, count(*) AS parked FROM dead_letters WHERE state = 'PARKED' GROUP BY source"
