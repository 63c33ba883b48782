"""The shapes of what a service keeps as JSON, as they are recorded in its tree (``storage/shapes.json``).

No migration sees a field come or go in such a row. So each change of a shape is a change of this file, which somebody
makes on purpose: a new field needs a default for older rows, one that is renamed or taken away stays behind in them.
"""

import dataclasses
import json
import sys
import typing
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from services.common.storage.codec import hints


def described(kinds: Sequence[type]) -> str:
    """The text of the file: every record and enumeration that values of these types hold, by name."""
    found: dict[str, Any] = {}
    for kind in kinds:
        _describe(kind, found)
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def recorded(service: str) -> Path:
    """Where a service's shapes are recorded."""
    return Path(__file__).parents[2] / service / "storage" / "shapes.json"


def _describe(kind: Any, found: dict[str, Any]) -> None:
    if not isinstance(kind, type):
        for inner in typing.get_args(kind):
            _describe(inner, found)
    elif issubclass(kind, Enum):
        found[kind.__name__] = [member.name for member in kind]
    elif dataclasses.is_dataclass(kind) and kind.__name__ not in found:
        fields = hints(kind)
        optional = {each.name for each in dataclasses.fields(kind) if _has_default(each)}
        found[kind.__name__] = {
            name: f"{_name(hint)}{' = default' if name in optional else ''}" for name, hint in fields.items()
        }
        for hint in fields.values():
            _describe(hint, found)


def _has_default(field: "dataclasses.Field[Any]") -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def _name(hint: Any) -> str:
    if isinstance(hint, type) and not typing.get_args(hint):
        return hint.__name__
    origin = typing.get_origin(hint)
    inner = [("..." if each is Ellipsis else _name(each)) for each in typing.get_args(hint)]
    if origin in (tuple, dict, list):
        return f"{origin.__name__}[{', '.join(inner)}]"
    return " | ".join(inner) or str(hint)


def renew(service: str, kinds: Sequence[type]) -> None:
    """``python -m services.<service>.storage.shapes``: writes the file, which is then looked at and committed."""
    recorded(service).write_text(described(kinds), encoding="utf-8")
    sys.stdout.write(f"{recorded(service)}\n")
