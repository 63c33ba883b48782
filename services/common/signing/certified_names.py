"""How a certificate names its signer: shortened in its subject, and whole beside it where the subject cannot hold it.

A name in a subject has 64 characters at most (RFC 5280, appendix A.1), and is compared after a preparation that knows the
characters of Unicode 3.2 alone (RFC 4518): a rare one, 𫖮 or 龵, makes every comparison fail. So what does not fit is
shown there cut, with 〓 for such a character, and stands whole in an alternative name of its own, which verifiers read.
"""

import stringprep
from unicodedata import normalize
from urllib.parse import quote, unquote

from asn1crypto import x509

from services.common.signing.manifest import Signer

LONGEST_NAME = 64
_STANDS_FOR_RARE = "〓"
_PREFIX = "comity:signer/"
_FORBIDDEN = (
    stringprep.in_table_a1,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c8,
)
# X.520: commonName, organizationName, title.
_COMMON_NAME, _ORGANISATION, _TITLE = "2.5.4.3", "2.5.4.10", "2.5.4.12"


def in_subject(text: str) -> str:
    """The text as a subject can hold it."""
    comparable = "".join(char if _comparable(char) else _STANDS_FOR_RARE for char in text[:LONGEST_NAME])
    if any(
        map(stringprep.in_table_d1, comparable)
    ):  # Read from the right: such a text is compared only if it is all so.
        return "".join(_STANDS_FOR_RARE if stringprep.in_table_d1(char) else char for char in comparable)
    return comparable


def shortened(signer: Signer) -> Signer:
    """As the subject names the signer."""
    return Signer(in_subject(signer.name), in_subject(signer.on_behalf_of), in_subject(signer.title))


def naming_uris(signer: Signer) -> tuple[str, ...]:
    """The alternative name that says the names whole; none where the subject holds them whole."""
    if shortened(signer) == signer:
        return ()
    return (_PREFIX + "/".join(quote(part, safe="") for part in (signer.name, signer.on_behalf_of, signer.title)),)


def signer_of(certificate: x509.Certificate) -> Signer | None:
    """Whom a certificate names, whole; None when it names several, nobody, or one thing here and another there."""
    subject = _named_in_subject(certificate)
    whole = [uri for uri in uris_of(certificate) if uri.startswith(_PREFIX)]
    if not whole or subject is None:
        return subject
    parts = [unquote(part) for part in whole[0].removeprefix(_PREFIX).split("/")]
    signer = Signer(*parts) if len(parts) == len(Signer.__dataclass_fields__) else None
    if signer is None or shortened(signer) != subject or list(naming_uris(signer)) != whole:
        return None
    return signer


def uris_of(certificate: x509.Certificate) -> list[str]:
    """The alternative names that are addresses, as they stand in the certificate."""
    names = certificate.subject_alt_name_value
    kinds = [name for name in names or () if name.name == "uniform_resource_identifier"]
    return [bytes(name.chosen.contents).decode("ascii", "replace") for name in kinds]


def binding_uris_of(certificate: x509.Certificate) -> list[str]:
    """Those among them that do not name the signer."""
    return [uri for uri in uris_of(certificate) if not uri.startswith(_PREFIX)]


def _named_in_subject(certificate: x509.Certificate) -> Signer | None:
    names = [(each["type"].dotted, each["value"].native) for rdn in certificate.subject.chosen for each in rdn]
    found = dict(names)
    if len(found) != len(names) or _COMMON_NAME not in found:
        return None
    return Signer(found[_COMMON_NAME], found.get(_ORGANISATION, ""), found.get(_TITLE, ""))


def _comparable(char: str) -> bool:
    prepared = normalize("NFKC", stringprep.map_table_b2(char))
    return not any(each == "\ufffd" or any(forbids(each) for forbids in _FORBIDDEN) for each in prepared)
