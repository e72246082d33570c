"""Advance widths for src/main/figures/font.ts, read by fontTools: python font_widths.py FOLDER > font-widths.json

FOLDER holds DejaVuSans.ttf and DejaVuSans-Bold.ttf (npm package dejavu-fonts-ttf 2.37.3, folder ttf).
Widths are sums of advances at size 10, without kerning. Needs fontTools.
"""
import json
import sys
from pathlib import Path

from fontTools.ttLib import TTFont

TEXTS = ["Mean class accuracy (fraction)", "conv2d_1/Relu", "0.25 … 1.5e-4", "Perserkatze ÄÖÜß", "δ → ∞", "国", "𝔸", ""]


def width(font, text):
    names, advances = font.getBestCmap(), font["hmtx"]
    units = sum(advances[names.get(ord(letter), ".notdef")][0] for letter in text)
    return units * 10 / font["head"].unitsPerEm


folder = Path(sys.argv[1])
fonts = {"regular": TTFont(folder / "DejaVuSans.ttf"), "bold": TTFont(folder / "DejaVuSans-Bold.ttf")}
widths = {weight: {text: width(font, text) for text in TEXTS} for weight, font in fonts.items()}
print(json.dumps(widths, ensure_ascii=False, indent=1))
