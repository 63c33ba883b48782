"""Four corrections of the libraries beneath, made when this module is imported; results stay what they were.

1. asn1crypto 1.5.1 takes every length whose last octet is 0x80 for an indefinite one (its issue 249, open since 2022)
   and encodes the value anew, level within level: one signature in some hundred, whose time stamp happens to be so
   long, took twelve seconds instead of thirty milliseconds.
2. asn1crypto encodes a value that was changed three times at each level of nesting, for header, length and contents.
3. pyHanko reads a hexadecimal string, which every signature is, octet by octet through five function calls each.
4. asn1crypto prepares the same few names for comparison (RFC 4518) thousands of times in one verification.
"""

import binascii
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, BinaryIO

from asn1crypto import core, x509
from pyhanko.pdf_utils import generic

_LONG_TAG = 0x1F
_MORE = 0x80
_CHUNK = 16_384


def _is_definite(header: bytes) -> bool:
    """Whether a header that ends in 0x80 holds a definite length: one of more than one octet (X.690, 8.1.3)."""
    tag = 1
    if header[0] & _LONG_TAG == _LONG_TAG:
        while header[tag] & _MORE:
            tag += 1
        tag += 1
    return len(header) - tag > 1


def _corrected(dump: Callable[..., bytes]) -> Callable[..., bytes]:
    @wraps(dump)
    def corrected(self: Any, force: bool = False) -> bytes:
        header = self._header
        if header is not None and header[-1:] == b"\x80" and _is_definite(header):
            self._header = None  # It is written again from the contents, which stay as they are.
        if not force and self.children is not None and self._is_mutated():
            self._set_contents()
            self._mutated = False
        return dump(self, force)

    return corrected


_read_octet_by_octet = generic.read_hex_string_from_stream


def _read_hex_string(stream: BinaryIO) -> Any:
    """A string of digits and nothing else is read at once; any other is left to pyHanko, from its start."""
    start = stream.tell()
    stream.read(1)
    digits = bytearray()
    while chunk := stream.read(_CHUNK):
        end = chunk.find(b">")
        if end < 0:
            digits += chunk
            continue
        digits += chunk[:end]
        try:
            content = binascii.unhexlify(digits)
        except binascii.Error:
            break
        stream.seek(start + len(digits) + 2)
        return generic.pdf_string(content)
    stream.seek(start)
    return _read_octet_by_octet(stream)


def _remembering(prepare: Callable[[Any, str], str]) -> Callable[[Any, str], str]:
    remembered = lru_cache(maxsize=4096)(lambda string: prepare(None, string))
    return lambda _self, string: remembered(string)


core.Sequence.dump = _corrected(core.Sequence.dump)
core.SequenceOf.dump = _corrected(core.SequenceOf.dump)
generic.read_hex_string_from_stream = _read_hex_string
x509.NameTypeAndValue._ldap_string_prep = _remembering(x509.NameTypeAndValue._ldap_string_prep)
