"""The papers (文书), each drawn from its data file (``terms.json``) alone: one file in ``kinds`` and one template each.

The same file gives the same bytes, so whoever holds a signed paper can draw it again and compare what is printed with
what is attached (``signing/verify.py``). A kind that was ever used is kept: papers are verified decades later.
"""

from services.common.papers.drawing import render_paper, render_translation

__all__ = ["render_paper", "render_translation"]
