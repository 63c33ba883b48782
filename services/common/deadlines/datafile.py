"""Strict reading of a TOML data file: what is missing, mistyped or not understood is refused with file and key."""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

E = TypeVar("E", bound=Enum)
Item = TypeVar("Item", str, int)


class RuleFileError(ValueError):
    """A rule file that cannot be trusted; a service with one does not start. ``file`` and ``key`` say where.

    ``problem_zh`` says the same in Chinese of what a person may hand in, which a calendar is.
    """

    def __init__(self, file: str, key: str, problem: str, problem_zh: str = "") -> None:
        super().__init__(f"{file}: {key or '(file)'}: {problem}")
        self.file = file
        self.key = key
        self.problem = problem
        self.problem_zh = problem_zh or problem


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file as read: its name relative to the rules folder, and its bytes."""

    name: str
    content: bytes

    def table(self) -> "Table":
        """The content as a table. Raises RuleFileError when it is not TOML in UTF-8, or of an unknown schema."""
        try:
            data = tomllib.loads(self.content.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            # A number of thousands of digits is a ValueError of no kind, and brackets in brackets without end recurse.
            zh = f"不是 UTF-8 编码的 TOML 文件：{error}"
            raise RuleFileError(self.name, "", f"not readable as TOML: {error}", zh) from error
        table = Table(self.name, data)
        if table.integer("schema") != 1:
            raise table.error("schema", "only schema 1 is understood", "仅支持 schema 1")
        return table


def read_folder(root: Path, part: str) -> tuple[DataFile, ...]:
    """Every ``*.toml`` of ``root/part`` in the order of the names. Raises RuleFileError when there is none."""
    folder = root / part
    files = tuple(DataFile(f"{part}/{path.name}", path.read_bytes()) for path in sorted(folder.glob("*.toml")))
    if not files:
        raise RuleFileError(part, "", "no rule file in this folder")
    return files


def digest_of(files: Iterable[DataFile]) -> str:
    """SHA-256 (hex) over names and contents: the same rules have the same digest on every machine."""
    total = hashlib.sha256()
    for file in sorted(files, key=lambda item: item.name):
        total.update(f"{hashlib.sha256(file.content).hexdigest()}  {file.name}\n".encode())
    return total.hexdigest()


class Table:
    """A TOML table that remembers which keys were read, so that ``finish`` can refuse the ones nobody understands."""

    def __init__(self, file: str, data: Mapping[str, object], path: str = "") -> None:
        self.file = file
        self._data = data
        self._path = path
        self._read: set[str] = set()

    def error(self, key: str, problem: str, zh: str = "") -> RuleFileError:
        return RuleFileError(self.file, f"{self._path}{key}", problem, zh)

    def has(self, key: str) -> bool:
        return key in self._data

    def text(self, key: str, default: str | None = None) -> str:
        value = self._get(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "expected a text that is not empty", "应为非空文本")
        return value

    def integer(self, key: str, default: int | None = None, *, minimum: int = 0, maximum: int = 10_000) -> int:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            zh = f"应为{minimum}至{maximum}的整数"
            raise self.error(key, f"expected a whole number from {minimum} to {maximum}", zh)
        return value

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "expected true or false", "应为 true 或 false")
        return value

    def day(self, key: str) -> date:
        value = self._get(key, None)
        if isinstance(value, datetime) or not isinstance(value, date):
            raise self.error(key, "expected a date such as 2026-04-15", "应为日期，例如 2026-04-15")
        return value

    def day_if_any(self, key: str) -> date | None:
        return self.day(key) if self.has(key) else None

    def choice(self, key: str, kind: type[E], default: E | None = None) -> E:
        value = self._get(key, default.value if default else None)
        try:
            return kind(value)
        except ValueError:
            raise self.error(key, f"expected one of {', '.join(str(item.value) for item in kind)}") from None

    def choices(self, key: str, kind: type[E]) -> tuple[E, ...]:
        known = {item.value: item for item in kind}
        values = self.texts(key)
        for value in values:
            if value not in known:
                raise self.error(key, f"{value} is none of {', '.join(known)}")
        return tuple(known[value] for value in values)

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = self._get(key, list(default) if default is not None else None)
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.error(key, "expected a list of texts")
        return self._without_repeats(key, tuple(str(item) for item in value))

    def integers(self, key: str, default: tuple[int, ...] | None = None) -> tuple[int, ...]:
        value = self._get(key, list(default) if default is not None else None)
        if not isinstance(value, list) or not all(type(item) is int for item in value):
            raise self.error(key, "expected a list of whole numbers", "应为整数列表")
        return self._without_repeats(key, tuple(int(item) for item in value))

    def zone(self, key: str) -> ZoneInfo:
        name = self.text(key)
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise self.error(key, f"{name} is not a known time zone") from None

    def table(self, key: str) -> "Table":
        value = self._get(key, None)
        if not isinstance(value, dict):
            raise self.error(key, "expected a table")
        return Table(self.file, value, f"{self._path}{key}.")

    def tables(self, key: str) -> tuple["Table", ...]:
        value = self._get(key, None)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(key, "expected a list of tables", "应为表的列表")
        return tuple(Table(self.file, item, f"{self._path}{key}[{index}].") for index, item in enumerate(value))

    def finish(self) -> None:
        """Refuse the first key that nothing has read: a misspelt key must never be silently without effect."""
        for key in self._data:
            if key not in self._read:
                raise self.error(key, "unknown key", "未知的键")

    def _get(self, key: str, default: object) -> object:
        self._read.add(key)
        if key in self._data:
            return self._data[key]
        if default is None:
            raise self.error(key, "missing", "缺少此键")
        return default

    def _without_repeats(self, key: str, values: tuple[Item, ...]) -> tuple[Item, ...]:
        if len(set(values)) != len(values):
            raise self.error(key, "the same value twice", "同一值出现两次")
        return values
