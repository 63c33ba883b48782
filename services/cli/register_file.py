"""A file of comma-separated rows as people send it: its encoding and separator found out, its lines all accounted for.

Lines are split before the cells are read, so that no quotation mark can make any disappear: a cell may go over several
lines, but where a line swallows others that are rows of their own, it is refused and they are read.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HOW_TO_SAVE = 'Save it as "CSV UTF-8" (Excel and WPS: File, Save as) and try again.'
MOST_CELL_LINES = 200
"""A cell over more lines than this is a quotation mark that was left open."""
_LINE = re.compile("[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_UNREAD = re.compile("[\ud800-\udfff]")
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", "，": "Chinese commas"}
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\xef\xbb\xbf": "utf-8"}
_SAID = {
    "utf-8": "UTF-8",
    "gb18030": "GB 18030",
    "utf-16-le": "UTF-16 (little endian)",
    "utf-16-be": "UTF-16 (big endian)",
}
_USUAL_SHARE = 0.9
"""How many of the characters beyond ASCII are of the usual table (GB 2312) in any text that is Chinese."""
_BROKEN_SHARE = 0.1
"""Of a file's lines: where more cannot be read, it is the file that is in another encoding."""
_SNIFFED = 400


class Unreadable(ValueError):
    """The file as a whole is not what can be imported; what to do about it, for the person who has it."""


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one row, and its lines; without cells, why they could not be told apart."""

    first_line: int
    last_line: int
    cells: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """A file's rows below its head. ``lines`` are counted without looking at cells; empty ones hold no row."""

    encoding: str
    separator: str
    head: Record
    records: tuple[Record, ...]
    lines: int
    empty_lines: int

    @property
    def data_lines(self) -> int:
        return self.lines - self.empty_lines - (self.head.last_line - self.head.first_line + 1)


def parse(data: bytes) -> Content:
    """Raises Unreadable for an empty file and for an encoding that is not known."""
    encoding, text = decode(data)
    lines = _LINE.findall(text)
    empty = sum(not line.strip() for line in lines)
    if empty == len(lines):
        raise Unreadable("The file is empty.")
    start = next(place for place, line in enumerate(lines) if line.strip())
    separator = _separator(lines[start])
    head, after = _record(lines, start, separator, columns=0)
    if head.problem:
        raise Unreadable(f"The head of the columns (line {head.first_line}) cannot be read: {head.problem}.")
    records = tuple(_records(lines, after, separator, len(head.cells)))
    return Content(_SAID[encoding], _SEPARATORS[separator], head, records, len(lines), empty)


def decode(data: bytes) -> tuple[str, str]:
    """Encoding and text. A line in another encoding than the rest comes with surrogates where it cannot be read."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return encoding, _wide(data[len(mark) :], encoding) if encoding != "utf-8" else _text(data[3:], encoding)
    if encoding := _wide_without_mark(data):
        return encoding, _wide(data, encoding)
    for encoding in ("utf-8", "gb18030"):
        if _is(data, encoding):
            return encoding, _text(data, encoding)
    if _is_but_for_some_lines(data):
        return "utf-8", _text(data, "utf-8")
    line = next(place for place, each in enumerate(_byte_lines(data), start=1) if not _is(each, "utf-8"))
    raise Unreadable(
        f"Line {line} is neither UTF-8 nor GB 18030 nor UTF-16: the encoding of the file is not known. {HOW_TO_SAVE}"
    )


def unread(text: str) -> bool:
    """Whether there is something in it that could not be read in the file's encoding."""
    return _UNREAD.search(text) is not None


def _text(data: bytes, encoding: str) -> str:
    return data.decode(encoding, "surrogateescape")


def _wide(data: bytes, encoding: str) -> str:
    whole = data[: len(data) // 2 * 2].decode(encoding, "surrogatepass")
    return whole if len(data) % 2 == 0 else whole + "\udc00"


def _wide_without_mark(data: bytes) -> str:
    """By the zeros of the head, whose names are ASCII: every second byte of them, and hardly another."""
    sample = data[:_SNIFFED]
    even, odd, half = sample[::2].count(0), sample[1::2].count(0), len(sample) // 2
    if half and odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if half and even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""


def _is(data: bytes, encoding: str) -> bool:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return encoding == "utf-8" or _is_chinese(text)


def _is_chinese(text: str) -> bool:
    """Almost any bytes are GB 18030; only of Chinese text it gives characters that Chinese is written with."""
    foreign = [character for character in text if not character.isascii()]
    return sum(_usual(character) for character in foreign) >= _USUAL_SHARE * len(foreign)


def _usual(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _byte_lines(data: bytes) -> list[bytes]:
    return re.split(rb"\r\n|\n|\r", data)


def _is_but_for_some_lines(data: bytes) -> bool:
    """UTF-8, and a few lines that somebody pasted into it from elsewhere."""
    lines = _byte_lines(data)
    broken = sum(not _is(line, "utf-8") for line in lines)
    telling = sum(not line.isascii() for line in lines)
    return broken <= max(1, _BROKEN_SHARE * len(lines)) or broken <= (telling - broken) / 2


def _separator(head: str) -> str:
    """The one that the head has most of."""
    return max(_SEPARATORS, key=head.count)


def _records(lines: Sequence[str], start: int, separator: str, columns: int) -> Iterator[Record]:
    place = start
    while place < len(lines):
        if not lines[place].strip():
            place += 1
            continue
        record, place = _record(lines, place, separator, columns)
        yield record


def _record(lines: Sequence[str], start: int, separator: str, columns: int) -> tuple[Record, int]:
    """The record that begins on a line, and the line after it. One that swallows others ends with its first line."""
    reader = csv.reader(lines[start : start + MOST_CELL_LINES], delimiter=separator, strict=True)
    try:
        cells = next(reader)
    except csv.Error as error:
        problem = "a quotation mark is opened and never closed" if "end of data" in str(error) else str(error)
        return Record(start + 1, start + 1, (), problem), start + 1
    end = start + reader.line_num
    swallowed = [place + 1 for place in range(start + 1, end) if _is_row(lines[place], separator, columns)]
    if swallowed and columns:
        problem = f"a quotation mark is opened and not closed: it would swallow line {swallowed[0]}"
        return Record(start + 1, start + 1, (), problem), start + 1
    return Record(start + 1, end, tuple(cells)), end


def _is_row(line: str, separator: str, columns: int) -> bool:
    """Whether a line that stands inside a cell has all the cells of a row itself."""
    if line.count('"') % 2 or not line.strip():
        return False
    try:
        return len(next(csv.reader([line], delimiter=separator, strict=True))) == columns
    except csv.Error:
        return False
