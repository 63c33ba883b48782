"""How large the rules of a request let it become, in bytes and in parts; None where no rule ends a field."""

from dataclasses import dataclass

from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor

LONGEST_CHARACTER = 4
_NUMBER = 10
_HEADER = 6


@dataclass(frozen=True, slots=True)
class Extent:
    """The largest message that its rules allow. ``endless`` names fields that no rule ends."""

    bytes: int
    parts: int
    endless: tuple[str, ...] = ()


def extent(message: Descriptor, path: str = "", seen: tuple[str, ...] = ()) -> Extent:
    """Of one message type. Raises AssertionError for one that contains itself."""
    assert message.full_name not in seen, f"{message.full_name} contains itself"
    size, parts, endless = 0, 1, []
    for field in message.fields:
        where = f"{path}{field.name}"
        rules = field.GetOptions().Extensions[validate_pb2.field]
        count = _count(field, rules)
        if count is None:
            endless.append(f"{where}[]")
            count = 1
        one = _single(field, rules, where, (*seen, message.full_name))
        endless += one.endless
        size += count * (one.bytes + _HEADER)
        parts += count * one.parts if field.message_type or field.is_repeated else 0
    return Extent(size, parts, tuple(endless))


def _count(field: FieldDescriptor, rules: "validate_pb2.FieldRules") -> int | None:
    if not field.is_repeated:
        return 1
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return rules.map.max_pairs or None
    return rules.repeated.max_items or None


def _single(field: FieldDescriptor, rules: "validate_pb2.FieldRules", where: str, seen: tuple[str, ...]) -> Extent:
    if field.message_type is not None:
        if field.message_type.GetOptions().map_entry:
            key, value = _text(rules.map.keys.string), _text(rules.map.values.string)
            return Extent((key or 0) + (value or 0), 2, () if key and value else (where,))
        return extent(field.message_type, f"{where}.", seen)
    own = rules.repeated.items if field.is_repeated else rules
    if field.type == FieldDescriptor.TYPE_STRING:
        longest = _text(own.string)
    elif field.type == FieldDescriptor.TYPE_BYTES:
        longest = own.bytes.max_len or own.bytes.len or None
    else:
        longest = _NUMBER
    return Extent(longest or 0, 1, () if longest else (where,))


def _text(rules: "validate_pb2.StringRules") -> int | None:
    if rules.uuid:
        return 36
    if rules.email:
        return 254
    if getattr(rules, "in"):
        return max(map(len, getattr(rules, "in")))
    if rules.pattern and "*" not in rules.pattern and "+" not in rules.pattern.replace("\\+", ""):
        return 64
    return (rules.max_len or rules.len) * LONGEST_CHARACTER or None
