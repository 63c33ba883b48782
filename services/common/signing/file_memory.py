"""What a verification works out from the file alone is worked out once, not for every signature again.

pyHanko judges each signature as if it were the only one: with five of them in a file it reads the archive's certificates
and statements five times, and five times judges the archive's time stamp. Here the reader of a file remembers; the
results are those of the first time. Another file, the same file opened again, another trusted root or another time is
worked out anew: what is remembered lies with one reader, under everything it was worked out from.
"""

import io
from collections.abc import Awaitable, Callable, Hashable
from copy import copy
from dataclasses import replace
from functools import wraps
from typing import Any, TypeVar

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.policy_decl import SignatureValidationSpec
from pyhanko_certvalidator.ltv.poe import POEManager
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo

T = TypeVar("T")
_Validate = Callable[[list[Any], SignatureValidationSpec, ValidationTimingInfo | None], Awaitable[POEManager]]


class FileReader(PdfFileReader):
    """A strict reader of one file's bytes, which do not change while it lives."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__(io.BytesIO(pdf), strict=True)
        self._remembered: dict[Hashable, Any] = {}

    def once(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """What was worked out under the key, which names everything it depends on but the file. Not to be changed."""
        if key not in self._remembered:
            self._remembered[key] = work_out()
        found: T = self._remembered[key]
        return found


class _Proofs(list[Any]):
    """A file's time stamps with what each proves to have existed, and under which rules they were judged already."""

    def __init__(self, proofs: list[Any]) -> None:
        super().__init__(proofs)
        self.judged: list[tuple[SignatureValidationSpec, ValidationTimingInfo | None, POEManager]] = []


def _read_once(read: Callable[[PdfFileReader], T]) -> Callable[[PdfFileReader], T]:
    @wraps(read)
    def remembering(reader: PdfFileReader) -> T:
        return reader.once(read, lambda: read(reader)) if isinstance(reader, FileReader) else read(reader)

    return remembering


def _indexed_once(index: Callable[[PdfFileReader, bool, Any], list[Any]]) -> Callable[..., list[Any]]:
    @wraps(index)
    def remembering(reader: PdfFileReader, include_content_ts: bool, diff_policy: Any) -> list[Any]:
        if not isinstance(reader, FileReader) or diff_policy is not None:
            return index(reader, include_content_ts, diff_policy)
        return reader.once((index, include_content_ts), lambda: _Proofs(index(reader, include_content_ts, None)))

    return remembering


def _judged_once(judge: _Validate) -> _Validate:
    """A chain of time stamps that holds is not judged again under the same rules, knowledge and time."""

    @wraps(judge)
    async def remembering(
        proofs: list[Any], validation_spec: SignatureValidationSpec, cur_timing_info: ValidationTimingInfo | None = None
    ) -> POEManager:
        if not isinstance(proofs, _Proofs):
            return await judge(proofs, validation_spec, cur_timing_info)
        rules = _without_connection(validation_spec)
        for known_rules, known_time, known in proofs.judged:
            if known_time == cur_timing_info and known_rules == rules:
                return copy(known)
        outcome = await judge(proofs, validation_spec, cur_timing_info)
        proofs.judged.append((rules, cur_timing_info, copy(outcome)))
        return outcome

    return remembering


def _without_connection(rules: SignatureValidationSpec) -> SignatureValidationSpec:
    """pyHanko puts a new connection for fetching into the rules of every judgement; we never fetch."""
    return replace(rules, revinfo_gathering_policy=replace(rules.revinfo_gathering_policy, fetcher_backend=None))


for _name, _replacement in (
    ("_dss_to_local_knowledge", _read_once(ades._dss_to_local_knowledge)),
    (
        "_build_prima_facie_poe_index_from_pdf_timestamps",
        _indexed_once(ades._build_prima_facie_poe_index_from_pdf_timestamps),
    ),
    ("_validate_prima_facie_poe", _judged_once(ades._validate_prima_facie_poe)),
):
    setattr(ades, _name, _replacement)
