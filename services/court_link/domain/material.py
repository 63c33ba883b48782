"""What parties may supply to an application: which kinds of files, how many, how large in all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.court_link.domain import errors

DAY = timedelta(days=1)
_KINDS = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""How a PDF (ISO 32000-2, 7.5.2), a PNG (RFC 2083, 3.1) and a JPEG (ITU-T T.81, B.1.1.3) begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """How many files were supplied, and their bytes in all."""

    files: int = 0
    size: int = 0

    def with_another(self, size: int) -> "Supplied":
        return Supplied(files=self.files + 1, size=self.size + size)

    def within(self, most: "Supplied") -> bool:
        return self.files <= most.files and self.size <= most.size

    @classmethod
    def of(cls, sizes: Iterable[int]) -> "Supplied":
        found = tuple(sizes)
        return cls(files=len(found), size=sum(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialQuota:
    """The most for one application in all, and for one account in 24 hours."""

    application: Supplied
    account: Supplied

    def require_room(self, size: int, so_far: Supplied, of_account: Supplied, now: datetime) -> None:
        """Raises MATERIALS_FULL (FAILED_PRECONDITION), TOO_MANY_MATERIALS (EXHAUSTED, with ``retry_time``)."""
        if not so_far.with_another(size).within(self.application):
            raise errors.materials_full()
        if not of_account.with_another(size).within(self.account):
            raise errors.too_many_materials(now + DAY)


def require_material(content: bytes) -> None:
    """Raises MATERIAL_TYPE (INVALID) for what is no PDF, PNG or JPEG."""
    if not content.startswith(_KINDS):
        raise errors.material_type()
