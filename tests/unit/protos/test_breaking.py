"""A change that would break callers of the last release is told before 1.0 and fails from 1.0 on."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_PROTOS = Path(__file__).parents[3] / "protos"
_SAMPLE = """syntax = "proto3";

package comity.sample.v1;

enum Colour {
  COLOUR_UNSPECIFIED = 0;
  COLOUR_RED = 1;
}

message ThingSeen {
  string thing = 1;
  string note = 2;
  Colour colour = 3;
}

service SampleService {
  rpc Look(ThingSeen) returns (ThingSeen);
  rpc Turn(ThingSeen) returns (ThingSeen);
}
"""
_BREAKING = [
    pytest.param("  string note = 2;\n", "", 'field "2" with name "note"', id="field removed"),
    pytest.param("string note = 2", "string note = 4", 'field "2" with name "note"', id="field renumbered"),
    pytest.param("string note = 2", "int64 note = 2", 'Field "2"', id="field retyped"),
    pytest.param("  COLOUR_RED = 1;\n", "", 'enum value "1"', id="enum value removed"),
    pytest.param("  rpc Turn(ThingSeen) returns (ThingSeen);\n", "", 'RPC "Turn"', id="method removed"),
    pytest.param("ThingSeen", "ThingFound", 'message "ThingSeen"', id="event removed"),
]


class _Copy:
    """A copy of the protos, with one file more and a baseline that has it."""

    def __init__(self, folder: Path) -> None:
        self.protos = folder / "protos"
        self._project = folder / "pyproject.toml"
        self._sample = self.protos / "comity" / "sample" / "v1" / "sample_service.proto"
        shutil.copytree(_PROTOS, self.protos, ignore=shutil.ignore_patterns("__pycache__"))
        self._sample.parent.mkdir(parents=True)
        self._sample.write_text(_SAMPLE)
        self.at_version("0.4.0")
        assert self.run("--move").returncode == 0

    def at_version(self, version: str) -> None:
        self._project.write_text(f'[project]\nversion = "{version}"\n')

    def change(self, before: str, after: str) -> None:
        self._sample.write_text(_SAMPLE.replace(before, after))

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(self.protos / "breaking.py"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> _Copy:
    return _Copy(tmp_path)


@pytest.mark.parametrize(("before", "after", "told"), _BREAKING)
def test_what_breaks_callers_is_told_before_1_and_fails_from_1_on(
    copy: _Copy, before: str, after: str, told: str
) -> None:
    copy.change(before, after)
    early = copy.run()
    assert early.returncode == 0
    assert told in early.stdout
    assert "CHANGELOG" in early.stderr
    copy.at_version("1.0.0")
    late = copy.run()
    assert late.returncode != 0
    assert told in late.stdout


def test_an_addition_breaks_nobody(copy: _Copy) -> None:
    copy.change("string note = 2;", "string note = 2;\n  string remark = 4;")
    copy.at_version("1.0.0")
    done = copy.run()
    assert (done.returncode, done.stdout) == (0, "")


def test_a_release_moves_the_baseline(copy: _Copy) -> None:
    copy.at_version("1.0.0")
    copy.change("  string note = 2;\n", "")
    assert copy.run().returncode != 0
    assert copy.run("--move").returncode == 0
    assert copy.run().returncode == 0


def test_a_missing_baseline_is_no_agreement(copy: _Copy) -> None:
    (copy.protos / "baseline.binpb").unlink()
    assert copy.run().returncode != 0
