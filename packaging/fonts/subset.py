"""Make the fonts in resources/fonts from the Debian packages fonts-inter, fonts-jetbrains-mono and fonts-noto-cjk.

Inter and JetBrains Mono are taken whole. Noto Sans CJK KR, 20 MB a weight, is cut to Hangul, Latin and the punctuation and
symbols that the interface draws. Run it after a change of the lists below: ``.venv/bin/python packaging/fonts/subset.py``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

SYSTEM = Path("/usr/share/fonts")
TARGET = Path(__file__).resolve().parents[2] / "resources" / "fonts"
WHOLE = (
    "opentype/inter/Inter-Regular.otf",
    "opentype/inter/Inter-Medium.otf",
    "opentype/inter/Inter-SemiBold.otf",
    "truetype/jetbrains-mono/JetBrainsMono-Regular.ttf",
)
FAMILY = "Noto Sans CJK KR"
#: Ranges of Unicode, both ends included.
KEPT = (
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x00FF),  # Latin-1
    (0x1100, 0x1112),  # initial consonants
    (0x2010, 0x2027),  # dashes, quotes, dots
    (0x2030, 0x203B),
    (0x2190, 0x2199),  # arrows
    (0x2200, 0x22FF),  # mathematics
    (0x2460, 0x2473),  # circled numbers
    (0x25A0, 0x25FF),  # shapes
    (0x3000, 0x3015),  # CJK punctuation
    (0x3131, 0x318E),  # single letters
    (0xAC00, 0xD7A3),  # syllables
    (0xFF01, 0xFF5E),  # full width forms
)


def main() -> None:
    """Write every font file and print its size."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in WHOLE:
        shutil.copyfile(SYSTEM / name, TARGET / Path(name).name)
    for weight in ("Regular", "Bold"):
        cut(SYSTEM / "opentype" / "noto" / f"NotoSansCJK-{weight}.ttc", TARGET / f"NotoSansCJKkr-{weight}.otf")
    for file in sorted(TARGET.glob("*.[ot]tf")):
        print(f"{file.stat().st_size / 1e6:6.2f} MB  {file.name}")


def cut(collection: Path, target: Path) -> None:
    """Write the kept characters of the Korean face of a collection; the names stay, so that Qt finds the family."""
    face = next(f for f in TTCollection(str(collection), lazy=True) if f["name"].getDebugName(1) == FAMILY)
    options = subset.Options()
    options.layout_features = ["kern", "liga", "locl", "calt", "ccmp"]
    options.name_IDs = ["*"]
    options.name_languages = ["*"]
    options.hinting = False
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE"]
    worker = subset.Subsetter(options)
    worker.populate(unicodes=[code for first, last in KEPT for code in range(first, last + 1)])
    worker.subset(face)
    face.save(str(target))


if __name__ == "__main__":
    main()
