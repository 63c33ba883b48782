"""Makes the font files of this folder from npm packages (glyf outlines): ``@expo-google-fonts/noto-sans-sc`` and
``@expo-google-fonts/noto-serif-sc``.

``python -m services.common.documents.fonts.subset UNPACKED_SANS UNPACKED_SERIF`` needs fonttools (a development
dependency). The licence (OFL 1.1) allows subsets; its reserved name is "Source", which no file here carries.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

HERE = Path(__file__).parent
SANS = {"Regular": "400Regular/NotoSansSC_400Regular.ttf", "Bold": "700Bold/NotoSansSC_700Bold.ttf"}
SERIF = {"Regular": "400Regular/NotoSerifSC_400Regular.ttf"}
# Latin with accents, Greek, punctuation, currency, letter-like signs, number forms, arrows, mathematics, enclosed
# numbers, boxes and shapes, CJK punctuation, kana-free enclosed CJK, half- and full-width forms.
_SIGNS = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x391, 0x3C9), (0x2010, 0x205E), (0x2070, 0x209C), (0x20A0, 0x20C0), (0x2100, 0x218B),
    (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x2500, 0x25FF), (0x2600, 0x2642), (0x3000, 0x303F),
    (0x3200, 0x33FF), (0xFF01, 0xFFE6),
)  # fmt: skip
_ALWAYS = "·•●○◎□■☐☑☒✓✗"


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


def write_subset(source: Path, target: Path) -> None:
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
    subsetter.populate(unicodes=common_characters())
    subsetter.subset(font)
    font.save(target)


def main(sans: Path, serif: Path) -> None:
    for weight, path in SANS.items():
        write_subset(sans / path, HERE / f"NotoSansSC-{weight}-common.ttf")
    for weight, path in SERIF.items():
        write_subset(serif / path, HERE / f"NotoSerifSC-{weight}-common.ttf")
    shutil.copyfile(sans / SANS["Regular"], HERE / "NotoSansSC-Regular-full.ttf")
    shutil.copyfile(sans / "LICENSE_FONT", HERE / "OFL.txt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
