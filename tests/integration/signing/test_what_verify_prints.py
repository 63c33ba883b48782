"""``comity verify`` prints nothing raw out of a file."""

import json
from pathlib import Path

from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from services.cli.commands.verify import harmless, verify
from services.common.documents.canonical import canonical_json
from services.common.signing.manifest import Signer, document_manifest
from tests.kit.signing import (
    NAMES,
    NUMBER,
    SLOTS,
    Authorities,
    a_paper_of_another_hand,
    render,
    sealed_round,
    sign_round,
    terms,
)

WRITTEN = "\x1b[2J\x1b[H agreement.pdf: VALID\x1b[8m"
MADE_UP = {"party-1": [Signer(WRITTEN)]}


def printed(folder: Path, pdf: bytes, roots: tuple[bytes, ...]) -> tuple[int, str]:
    file, trusted = folder / "agreement.pdf", folder / "roots.pem"
    file.write_bytes(pdf)
    trusted.write_bytes(b"".join(x509.load_der_x509_certificate(each).public_bytes(Encoding.PEM) for each in roots))
    done = CliRunner().invoke(verify, [str(file), "--roots", str(trusted)], catch_exceptions=False)
    return done.exit_code, done.output


def test_a_file_cannot_write_its_own_verdict(tmp_path: Path) -> None:
    for authorities in (Authorities(), strangers := Authorities()):
        forged = sign_round(authorities, identities={"party-1": authorities.identity("party-1", name=WRITTEN)})
        roots = sealed_round().authorities.roots if authorities is strangers else authorities.roots
        code, output = printed(tmp_path, forged.sealed, roots)
        assert code == 1 and "VALID" not in output and "\x1b" not in output


def test_a_name_that_is_vouched_for_moves_nothing_on_the_screen_either(tmp_path: Path) -> None:
    paper = json.loads(terms())
    paper["document"] = document_manifest(NUMBER, MADE_UP | {slot: [Signer(NAMES[slot])] for slot in SLOTS[1:]})
    authorities = Authorities()
    named = {"party-1": authorities.identity("party-1", name=WRITTEN)}
    signed = sign_round(authorities, identities=named, paper=render(canonical_json(paper)))
    code, output = printed(tmp_path, signed.sealed, authorities.roots)
    assert code == 0 and harmless(WRITTEN) in output and "\x1b" not in output


def test_what_is_printed_in_a_paper_is_drawn_again(tmp_path: Path) -> None:
    signed = sign_round(Authorities(), paper=a_paper_of_another_hand(terms(template="comity.agreement/99")))
    code, output = printed(tmp_path, signed.sealed, signed.authorities.roots)
    assert code == 1 and "TEMPLATE_UNKNOWN" in output


def test_what_moves_colours_hides_or_turns_around_is_spelled_out() -> None:
    assert harmless("\x1b[8m\u202e\r\n王样本\u200b") == "\\u001b[8m\\u202e\\u000d\\u000a王样本\\u200b"
    assert len(harmless("x" * 10_000)) == 200


def test_a_name_with_a_bell_in_the_path_rings_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "a\x07b"
    folder.mkdir()
    _, output = printed(folder, b"%PDF-1.7", sealed_round().authorities.roots)
    assert "\x07" not in output and "REFUSED" in output
