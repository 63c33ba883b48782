"""The rules folder of a house that has decided otherwise than the one that is shipped."""

import shutil
from collections.abc import Mapping
from pathlib import Path

RULES = Path(__file__).parents[2] / "deploy" / "rules"


def edited(folder: Path, changes: Mapping[str, Mapping[str, str]]) -> Path:
    """A copy of the shipped rules under ``folder``; in each file every key of its changes is replaced, each once."""
    rules = Path(shutil.copytree(RULES, folder / "rules"))
    for name, replaced in changes.items():
        path = rules / name
        text = path.read_text(encoding="utf-8")
        for old, new in replaced.items():
            assert old in text, f"{name} has no {old}"
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8")
    return rules


def another_clock(id: str, *, like: str, file: str) -> str:
    """A clock of the file once more, under an id of its own: to be put before the file's first rule."""
    text = (RULES / "clocks" / file).read_text(encoding="utf-8")
    (rule,) = [part for part in text.split("[[rule]]\n")[1:] if part.startswith(f'id = "{like}"')]
    return "[[rule]]\n" + rule.replace(like, id, 1).rstrip() + "\n\n"
