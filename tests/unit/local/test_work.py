"""What the doctor says of work that failed or waits."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from deploy.local.doctor import Level, of_work
from deploy.local.work import Work, work_of

PAGE = b"""# TYPE comity_jobs_failed gauge
comity_jobs_failed{kind="invite_party"} 2.0
comity_jobs_failed{kind="react_to_intake"} 1.0
# TYPE comity_jobs_waiting_seconds gauge
comity_jobs_waiting_seconds{kind="invite_party"} 7200.0
# TYPE comity_dead_letters_parked gauge
comity_dead_letters_parked{source="intake"} 4.0
"""


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        return None


async def test_the_page_of_a_service_tells_what_failed_and_what_waits() -> None:
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert await work_of(server.server_port) == Work(failed=3, parked=4, waiting=7200.0)
        thread.join()


async def test_a_page_that_is_not_there_is_not_known() -> None:
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        port = server.server_port
    assert await work_of(port) is None
    assert of_work("intake", None).level is Level.WARNING


@pytest.mark.parametrize(
    ("work", "remedy"),
    [
        (Work(failed=1, parked=0, waiting=0), "RetryJob"),
        (Work(failed=0, parked=1, waiting=0), "ReplayDeadLetter"),
        (Work(failed=0, parked=0, waiting=3600), "ListFailedJobs"),
    ],
)
def test_whatever_needs_somebody_is_said_with_what_to_do(work: Work, remedy: str) -> None:
    finding = of_work("intake", work)
    assert finding.level is Level.WARNING and remedy in finding.remedy


def test_an_hour_of_nothing_is_nothing_to_do() -> None:
    finding = of_work("intake", Work(failed=0, parked=0, waiting=60))
    assert (finding.level, finding.remedy) == (Level.OK, "")
