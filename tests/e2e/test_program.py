"""The program as a person uses it: the demo, cut off and gone on with, its papers checked, and what it says when it cannot.

It runs as ``python -m services.cli``, a process of its own; only the many papers to be refused are verified in this one.
"""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.commands.verify import verify

_PROJECT = Path(__file__).parents[2]
_WITHIN = 300.0
_RECEIPT = re.compile(r"receipt (\S+)")
_SAMPLE_OF_OFFSETS = 12


# Whichever test is a worker's first has the two demos of the fixture in its time.
pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True, slots=True)
class Ended:
    """A run of the program that came to its end."""

    code: int
    said: str

    @property
    def complaint(self) -> str:
        """What it said in the end, for a person who has to do something about it."""
        return self.said.strip().splitlines()[-1] if self.said.strip() else ""


def start(*arguments: str) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    return subprocess.Popen(
        [sys.executable, "-m", "services.cli", *arguments],
        cwd=_PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(*arguments: str) -> Ended:
    child = start(*arguments)
    said, _ = child.communicate(timeout=_WITHIN)
    return Ended(child.returncode, said)


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that was killed in the middle and started again under the same name."""

    folder: Path
    first: list[str]
    last: Ended

    def paper(self, name: str) -> Path:
        return self.folder / name


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    first = _until(start("demo", "--folder", str(folder), "--run", "one"), "filed once")
    return Demo(folder, first, run("demo", "--folder", str(folder), "--run", "one"))


def _until(child: "subprocess.Popen[str]", words: str) -> list[str]:
    """The lines up to the one with the words; there the program is killed."""
    lines: list[str] = []
    assert child.stdout is not None
    for line in _lines(child):
        lines.append(line)
        if words in line:
            break
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert words in lines[-1], "".join(lines)
    return lines


def _lines(child: "subprocess.Popen[str]") -> Iterator[str]:
    assert child.stdout is not None
    end = time.monotonic() + _WITHIN
    for line in child.stdout:
        yield line
        assert time.monotonic() < end


def test_a_run_that_was_killed_and_started_again_ends_the_same_without_a_second_filing(demo: Demo) -> None:
    assert demo.last.code == 0, demo.last.said[-3000:]
    steps = json.loads(demo.paper("timeline.json").read_text())
    told = " ".join(step["text"] for step in steps)
    before = "".join(demo.first)
    assert re.findall(r"number (2026|20\d\d)-(\d+)", told)[0][1] == "000001"
    assert _RECEIPT.findall(before) == _RECEIPT.findall(told)[:1], "the receipt of the first life is the receipt"
    assert [each[-2] for each in _RECEIPT.findall(told)] == ["1", "2"], "one filing for each case"
    for name in ("zh/agreement.pdf", "zh/session_record.pdf", "zh/ruling.pdf", "en/agreement.pdf", "en/ruling.pdf"):
        assert demo.paper(name).read_bytes().startswith(b"%PDF")


def test_the_demo_runs_again_in_the_same_folder(demo: Demo) -> None:
    again = run("demo", "--folder", str(demo.folder))
    assert again.code == 0, again.said[-3000:]
    assert again.said.count("ruling （") == 2


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("paper", ["agreement.pdf", "session_record.pdf", "ruling.pdf"])
def test_the_papers_verify(demo: Demo, language: str, paper: str) -> None:
    ended = run("verify", str(demo.paper(f"{language}/{paper}")), "--roots", str(demo.paper("roots.pem")))
    assert ended.code == 0, ended.said
    assert "VALID" in ended.said


def test_a_flipped_byte_anywhere_is_refused(demo: Demo, tmp_path: Path) -> None:
    content = demo.paper("zh/agreement.pdf").read_bytes()
    for sample in range(_SAMPLE_OF_OFFSETS):
        offset = sample * (len(content) - 1) // (_SAMPLE_OF_OFFSETS - 1)
        changed = content[:offset] + bytes([content[offset] ^ 1]) + content[offset + 1 :]
        _is_refused(demo, tmp_path / "flipped.pdf", changed)


def test_a_file_cut_back_to_an_earlier_revision_is_refused(demo: Demo, tmp_path: Path) -> None:
    content = demo.paper("zh/agreement.pdf").read_bytes()
    ends = [found.end() for found in re.finditer(rb"%%EOF\r?\n?", content)]
    assert len(ends) > 2
    for end in ends[:-1]:
        _is_refused(demo, tmp_path / "cut.pdf", content[:end])


def test_an_unsigned_file_is_refused(demo: Demo, tmp_path: Path) -> None:
    content = demo.paper("zh/agreement.pdf").read_bytes()
    first = content[: re.search(rb"%%EOF\r?\n?", content).end()]  # type: ignore[union-attr]
    for each in (first, b"%PDF-1.7\n%%EOF\n", b"", b"no PDF at all"):
        _is_refused(demo, tmp_path / "unsigned.pdf", each)


def test_a_signature_of_the_other_case_is_refused(demo: Demo, tmp_path: Path) -> None:
    mine, other = (demo.paper(f"{key}/agreement.pdf").read_bytes() for key in ("zh", "en"))
    contents = re.compile(rb"/Contents\s*<([0-9a-fA-F]+)>")
    here, there = list(contents.finditer(mine)), list(contents.finditer(other))
    assert len(here) == len(there) > 3
    for one, another in zip(here, there, strict=True):
        size = one.end(1) - one.start(1)
        given = another.group(1)[:size].ljust(size, b"0")
        _is_refused(demo, tmp_path / "swapped.pdf", mine[: one.start(1)] + given + mine[one.end(1) :])


def test_roots_that_vouched_for_nothing_here_are_refused(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "roots.pem").write_text("no certificate")
    ended = run("verify", str(demo.paper("zh/agreement.pdf")), "--roots", str(tmp_path / "roots.pem"))
    assert ended.code != 0
    assert "no PEM certificates" in ended.complaint


def test_a_second_suite_on_one_folder_is_refused_in_one_line_and_a_taken_port_is_left_alone(demo: Demo) -> None:
    folder = demo.folder / "data"
    port = json.loads((folder / "settings.json").read_text())["services"]["intake"]["port"]
    with socket.socket() as taken:
        # The suite that had it has just stopped; what is left of its connections is no listener.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        first = start("up", "--folder", str(folder))
        try:
            said = _until_serving(first)
            assert f"127.0.0.1:{port}" not in said
            _complains(run("up", "--folder", str(folder)), "is in use by another Comity; stop that one first")
        finally:
            first.terminate()
            first.communicate(timeout=60)
    assert first.returncode == 0


def test_the_audit_of_a_running_suite_looks_through_every_service_and_finds_nothing(demo: Demo) -> None:
    folder = demo.folder / "data"
    suite = start("up", "--folder", str(folder))
    try:
        _until_serving(suite)
        everything = run("audit", "--folder", str(folder), "--json")
        assert everything.code == 0, everything.said[-3000:]
        reports = {report["service"]: report for report in json.loads(everything.said)["reports"]}
        assert set(reports) == {"identity", "intake", "mediation", "court_link", "notify"}
        assert all(report["events"] and not report["findings"] for report in reports.values())
        assert reports["mediation"]["received"] > 0
        one = run("audit", "--folder", str(folder), "--service", "intake")
        assert one.code == 0
        assert "0 findings" in one.said
        assert "mediation" not in one.said
        _complains(run("audit", "--folder", str(folder), "--service", "portal"), "there is no service portal")
    finally:
        suite.terminate()
        suite.communicate(timeout=60)


def test_the_audit_of_a_folder_without_a_suite_says_what_to_name(tmp_path: Path) -> None:
    _complains(run("audit", "--folder", str(tmp_path)), "name the data folder with --folder")


def test_a_data_folder_of_a_newer_format_is_refused_in_one_line(demo: Demo, tmp_path: Path) -> None:
    settings = json.loads((demo.folder / "data" / "settings.json").read_text())
    key = next(name for name in settings if "format" in name)
    (tmp_path / "settings.json").write_text(json.dumps(settings | {key: 999}))
    _complains(run("up", "--folder", str(tmp_path)), "format 999", "use the newer version")
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"], "nothing in it is touched"


def _until_serving(child: "subprocess.Popen[str]") -> str:
    said = ""
    for line in _lines(child):
        said += line
        if line.startswith("Serving."):
            return said
    raise AssertionError(said)


def _complains(ended: Ended, *words: str) -> None:
    """One line for the person, an exit code for the script, no stack."""
    assert ended.code not in (0, None)
    assert "Traceback" not in ended.said
    assert all(word in ended.complaint for word in words), ended.said


def _is_refused(demo: Demo, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    ended = CliRunner().invoke(verify, [str(file), "--roots", str(demo.paper("roots.pem"))])
    logging.disable(logging.NOTSET)  # the program switches it off for its one document
    assert ended.exit_code == 1, f"{file.name}: {ended.output}"
    assert "REFUSED" in ended.output
    assert ended.exception is None or isinstance(ended.exception, SystemExit)
