"""For every test: markers by folder, loopback only, and the servers of the test kit as fixtures.

Warnings are errors (pyproject.toml). A server starts when the first test asks for it, once per pytest process.
"""

import gc
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.kit.clock import FakeClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.sockets import guard_sockets

_MARKERS = {
    "unit": "unit",
    "integration": "integration",
    "contract": "integration",
    "scenarios": "integration",
    "e2e": "end_to_end",
    "chaos": "end_to_end",
    "containers": "containers",
}
_TESTS = Path(__file__).parent

# How long an example takes says how busy the machine is, and nothing about what is tested.
settings.register_profile("comity", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("comity")


def pytest_collection_finish() -> None:
    """As a service does when it begins: to look through all tests and libraries again and again takes the processor for a
    while, which is charged to whoever's call it falls into."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--servers",
        choices=("embedded", "containers", "given"),
        default="embedded",
        help="where PostgreSQL and NATS run; given: under the URLs of COMITY_TEST_POSTGRES and COMITY_TEST_NATS, the "
        "latter's users set up from the folder COMITY_TEST_SECRETS (comity operator-setup nats --secrets)",
    )


def pytest_configure(config: pytest.Config) -> None:
    guard_sockets()
    if config.getoption("servers") == "given":
        missing = [name for name in ("COMITY_TEST_POSTGRES", "COMITY_TEST_NATS") if not os.environ.get(name)]
        if missing:
            raise pytest.UsageError(f"--servers given needs {' and '.join(missing)}")
        if config.getoption("numprocesses", None):
            raise pytest.UsageError("--servers given is for one process: tests empty the streams they share (-n 0)")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failure: COMITY_NOTHING_SKIPPED."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and "COMITY_NOTHING_SKIPPED" in os.environ and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What fell and stood up again in CI (``--reruns``) is a defect to mend: printed where nobody can miss it."""
    for report in terminalreporter.stats.get("rerun", ()):
        terminalreporter.write_sep("_", f"FLAKY {report.nodeid}", red=True)
        terminalreporter.write_line(report.longreprtext)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(_TESTS).parts[0]
        if folder in _MARKERS:
            item.add_marker(_MARKERS[folder])


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KitPostgres]:
    """The PostgreSQL of this pytest process. ``await postgres.fresh_database("intake")`` gives a migrated database."""
    with KitPostgres.running(tmp_path_factory.mktemp("postgres"), request.config.getoption("servers")) as server:
        yield server


@pytest.fixture(scope="session")
def nats_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KitNats]:
    """The NATS of this pytest process, with the users of all services. Most tests want ``nats``: empty streams."""
    with KitNats.running(tmp_path_factory.mktemp("nats"), request.config.getoption("servers")) as server:
        yield server


@pytest.fixture
async def nats(nats_server: KitNats) -> AsyncIterator[KitNats]:
    """The NATS server with the streams and consumers of every service, all empty."""
    await nats_server.delete_streams()
    await nats_server.create_streams()
    yield nats_server
    await nats_server.delete_streams()


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until the test moves it."""
    return FakeClock()
