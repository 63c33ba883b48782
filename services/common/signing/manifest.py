"""What a document says of itself (member ``document`` of its ``terms.json``): its number, its slots, and who may sign each.

So a verifier that knows nothing else can tell a signature by the right person from one by somebody of another name.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.common.signing.report import Reason, Refused


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who may sign a slot, as document and certificate name them.

    ``name`` is the person, or the organisation whose seal it is. Who signs for another says for whom
    (``on_behalf_of``) and on what authority (``title``: 法定代表人, 特别授权代理人).
    """

    name: str
    on_behalf_of: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The document's number, its slots in order (the seal last), and for each who may sign it."""

    number: str
    slots: tuple[str, ...]
    signers: Mapping[str, frozenset[Signer]]


def document_manifest(number: str, signers: Mapping[str, Sequence[Signer]]) -> dict[str, Any]:
    """The member ``document``; ``signers`` by slot, in the order of the slots, the seal last."""
    named = {slot: [asdict(each) for each in signers[slot]] for slot in signers}
    return {"number": number, "slots": list(signers), "signers": named}


def read_manifest(terms: bytes) -> Manifest:
    """MANIFEST_MISSING unless the terms name the document's number, its slots, and signers for every slot."""
    try:
        document = json.loads(terms)["document"]
        number, slots = _text(document["number"]), tuple(_text(each) for each in document["slots"])
        signers = {slot: frozenset(_signer(each) for each in document["signers"][slot]) for slot in slots}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused(Reason.MANIFEST_MISSING) from None
    if not slots or not all(signers.values()):
        raise Refused(Reason.MANIFEST_MISSING)
    return Manifest(number, slots, signers)


def _signer(value: dict[str, Any]) -> Signer:
    return Signer(_text(value["name"]), _text(value["on_behalf_of"]), _text(value["title"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is expected")
    return value
