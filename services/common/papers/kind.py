"""What kinds of papers there are: each a file in ``kinds``, read once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
KINDS, TEMPLATES = FOLDER / "kinds", FOLDER / "templates"


@dataclass(frozen=True, slots=True)
class PaperKind:
    """``template`` is how data files name it, with its version (``comity.ruling/2``); ``name`` that of its files.

    ``title_zh`` and ``title_en`` are what it is called; ``issuer`` the member of its data that names who issues it;
    ``source`` the law or form that it follows.
    """

    name: str
    template: str
    title_zh: str
    title_en: str
    issuer: str
    source: str

    @property
    def chinese(self) -> str:
        """The file of its template."""
        return f"{self.name}.zh.xml"

    @property
    def english(self) -> str:
        """The file of the template of its translation."""
        return f"{self.name}.en.xml"


@cache
def kinds() -> Mapping[str, PaperKind]:
    """All kinds by their ``template``. Raises ValueError for a file that is not whole, and for two of one name."""
    found = [_read(path) for path in sorted(KINDS.glob("*.toml"))]
    by_template = {kind.template: kind for kind in found}
    if len(by_template) < len(found):
        raise ValueError("two kinds of papers have one template name")
    return by_template


def _read(path: Path) -> PaperKind:
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    fields = set(PaperKind.__dataclass_fields__) - {"name"}
    if set(values) != fields or not all(isinstance(value, str) and value for value in values.values()):
        raise ValueError(f"{path.name}: needs exactly {', '.join(sorted(fields))}, each a text")
    return PaperKind(name=path.stem, **values)
