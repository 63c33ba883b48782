"""The few DER encodings (X.690) needed to write a CMS down again. asn1crypto rebuilds nested values in exponential time."""


def tagged(tag: int, *parts: bytes) -> bytes:
    """A value with a one-byte tag and definite length in its shortest form."""
    content = b"".join(parts)
    return bytes([tag]) + _length(len(content)) + content


def sequence(*parts: bytes) -> bytes:
    return tagged(0x30, *parts)


def integer(value: int) -> bytes:
    """A small non-negative integer."""
    return tagged(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets
