"""Makes the font files of this folder, all with glyf outlines and under the OFL 1.1, which allows subsets (its reserved
name is "Source", which no file here carries). Needs fonttools, a development dependency:

``python -m services.common.documents.fonts.subset NOTO_SANS_SC NOTO_SERIF_SC NOTO_SANS HANAZONO UNIHAN``: the unpacked npm
packages ``@expo-google-fonts/noto-sans-sc``, ``@expo-google-fonts/noto-serif-sc`` and ``@expo-google-fonts/noto-sans``, and
from Debian the folders with ``HanaMinB.ttf`` of ``fonts-hanazono`` and ``Unihan_IRGSources.txt.bz2`` of ``unicode-data``.
"""

import bz2
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

HERE = Path(__file__).parent
SANS = {"Regular": "400Regular/NotoSansSC_400Regular.ttf", "Bold": "700Bold/NotoSansSC_700Bold.ttf"}
SERIF = {"Regular": "400Regular/NotoSerifSC_400Regular.ttf"}
_LATIN_FILE = "400Regular/NotoSans_400Regular.ttf"
# Latin with accents, Greek, punctuation, currency, letter-like signs, number forms, arrows, mathematics, enclosed
# numbers, boxes and shapes, CJK punctuation, kana-free enclosed CJK, half- and full-width forms.
_SIGNS = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x391, 0x3C9), (0x2010, 0x205E), (0x2070, 0x209C), (0x20A0, 0x20C0), (0x2100, 0x218B),
    (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x2500, 0x25FF), (0x2600, 0x2642), (0x3000, 0x303F),
    (0x3200, 0x33FF), (0xFF01, 0xFFE6),
)  # fmt: skip
_ALWAYS = "·•●○◎□■☐☑☒✓✗"
_LATIN = ((0xC0, 0x24F), (0x1E00, 0x1EFF), (0x2C60, 0x2C7F))
_REGISTERS = "GXC GIDC GFC GRM GXH GXM GDM GU GPGLG GBK GKJ GXHZ GWZ GLGYJ J3 J3A J4"
_RARE_NAME = "ComityRareHan"
_NAMES = (1, 3, 4, 6)
_ALSO_IN_NAMES = "𠮷𡌴𡛟𣇉"


def gb2312() -> Iterator[int]:
    """Every code point of GB 2312, the everyday set of simplified Chinese."""
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                yield ord(bytes((high, low)).decode("gb2312"))
            except UnicodeDecodeError:
                continue


def common_characters() -> set[int]:
    """What the small fonts hold; a character outside falls back to the full regular weight."""
    signs = {point for first, last in _SIGNS for point in range(first, last + 1)}
    return set(gb2312()) | signs | {ord(sign) for sign in _ALWAYS}


def latin_characters(held: set[int]) -> set[int]:
    """Latin letters of every kind, and the marks that cannot be composed, beyond those that are held already."""
    return {point for first, last in _LATIN for point in range(first, last + 1)} - held


def rare_characters(unihan: Path, held: set[int]) -> set[int]:
    """Han characters that China's registers of people and places and Japan's standard brought into Unicode, beyond those
    that are held already: of some seventy thousand others hardly one stands in a name of somebody alive."""
    found = set(map(ord, _ALSO_IN_NAMES))
    with bz2.open(unihan / "Unihan_IRGSources.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            point, _, value = line.partition("\t")
            field, _, source = value.strip().partition("\t")
            if field in ("kIRG_GSource", "kIRG_JSource") and source.split("-")[0] in _REGISTERS.split():
                found.add(int(point[2:], 16))
    return found - held


def write_subset(source: Path, target: Path, characters: set[int], name: str = "") -> None:
    """``name``: what the subset is called where the font's own name is reserved."""
    options = subset.Options(
        hinting=False,
        layout_features=[],
        notdef_outline=True,
        name_IDs=["*"],
        glyph_names=False,
        recalc_timestamp=False,
    )
    font = TTFont(source, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    for record in font["name"].names if name else ():
        if record.nameID in _NAMES:
            font["name"].setName(name, record.nameID, record.platformID, record.platEncID, record.langID)
    font.save(target)


def main(simplified: Path, serif: Path, latin: Path, hanazono: Path, unihan: Path) -> None:
    for weight, path in SANS.items():
        write_subset(simplified / path, HERE / f"NotoSansSC-{weight}-common.ttf", common_characters())
    for weight, path in SERIF.items():
        write_subset(serif / path, HERE / f"NotoSerifSC-{weight}-common.ttf", common_characters())
    full = HERE / "NotoSansSC-Regular-full.ttf"
    shutil.copyfile(simplified / SANS["Regular"], full)
    shutil.copyfile(simplified / "LICENSE_FONT", HERE / "OFL.txt")
    held = set(TTFont(full).getBestCmap())
    write_subset(latin / _LATIN_FILE, HERE / "NotoSans-Regular-latin.ttf", latin_characters(held))
    rare = rare_characters(unihan, held)
    write_subset(hanazono / "HanaMinB.ttf", HERE / f"{_RARE_NAME}.ttf", rare, _RARE_NAME)
    shutil.copyfile(latin / "LICENSE_FONT", HERE / "OFL-NotoSans.txt")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:6]))
