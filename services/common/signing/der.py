"""The few DER encodings (X.690) needed to write a CMS down again; asn1crypto does it in exponential time."""

OCTET_STRING = 0x04
SEQUENCE = 0x30
SET = 0x31
CONTEXT_0 = 0xA0
# From here on the first length octet says how many octets of length follow.
LONG_FORM = 0x80


def tagged(tag: int, *parts: bytes) -> bytes:
    """A value with a one-byte tag and definite length in its shortest form."""
    content = b"".join(parts)
    return bytes([tag]) + _length(len(content)) + content


def sequence(*parts: bytes) -> bytes:
    return tagged(SEQUENCE, *parts)


def integer(value: int) -> bytes:
    """A small non-negative integer."""
    return tagged(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _length(length: int) -> bytes:
    if length < LONG_FORM:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([LONG_FORM | len(octets)]) + octets
