"""A superuser of the databases edits what is kept: the audit of a suite in which cases were played finds each edit."""

import pytest

from services.common.storage.audit import Report
from services.common.storage.received import lines_of, read
from tests.kit.audit import audit, audited_of, faults
from tests.kit.suite import SERVICES
from tests.scenarios.conftest import Town, rows


@pytest.fixture(scope="module")
def played() -> dict[str, bool]:
    return {}


async def all_reports(town: Town) -> dict[str, Report]:
    return {name: await audit(name, town.suite.databases[name].superuser_url) for name in SERVICES}


async def test_a_suite_at_work_is_found_whole(town: Town) -> None:
    await town.journey("audited").to_ruling()
    reports = await all_reports(town)
    assert {name: report.findings for name, report in reports.items()} == dict.fromkeys(SERVICES, [])
    assert all(report.events and report.aggregates for report in reports.values())
