"""What a verification remembers of a file: the answers of the libraries beneath, and never those to another question."""

from datetime import datetime, timedelta

import pytest
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.policy_decl import PdfSignatureValidationSpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo

from services.common.signing.file_memory import FileReader
from services.common.signing.judgement import strict_difference_policy
from services.common.signing.pdf_signer import run
from services.common.signing.report import Reason
from services.common.signing.slots import ARCHIVE_FIELD
from services.common.signing.trust_settings import Knowledge, validation_specification
from services.common.signing.verify import verify
from tests.kit.signing import Authorities, sealed_round

YEARS = timedelta(days=40 * 365)


def _is_archived(reader: FileReader, rules: PdfSignatureValidationSpec, when: datetime) -> bool:
    """Whether the archive of that reader's file proves anything under the rules at that time."""
    signature = next(each for each in reader.embedded_signatures if each.field_name == "party-1")
    signature.compute_integrity_info(diff_policy=strict_difference_policy())
    timing = ValidationTimingInfo(when, when, point_in_time_validation=False)
    outcome = run(ades.ades_lta_validation(signature, rules, timing_info=timing))
    return outcome.oldest_evidence_record_timestamp is not None


def test_another_root_or_another_time_is_not_answered_from_what_is_remembered_of_a_file() -> None:
    signed, stranger = sealed_round(), Authorities()
    ours, theirs = (validation_specification(Knowledge(each.roots)) for each in (signed.authorities, stranger))
    reader, now = FileReader(signed.sealed), signed.expectation().now
    for _ in range(2):
        assert _is_archived(reader, ours, now)
        assert not _is_archived(reader, theirs, now)
        assert not _is_archived(reader, ours, now + YEARS)


@pytest.mark.parametrize("part", ["text", "archive"])
def test_a_changed_file_is_refused_right_after_the_genuine_one_and_the_genuine_one_right_after_it(part: str) -> None:
    signed = sealed_round()
    place = len(signed.frozen.content) // 2 if part == "text" else signed.sealed.rindex(b"/DSS")
    changed = bytearray(signed.sealed)
    changed[place] ^= 1
    for _ in range(2):
        assert verify(signed.sealed, signed.expectation()).valid
        assert not verify(bytes(changed), signed.expectation()).valid


def test_each_verification_holds_the_file_against_its_own_roots_and_time() -> None:
    signed, stranger = sealed_round(), Authorities()
    other_root = signed.expectation(knowledge=Knowledge(stranger.roots))
    too_late = signed.expectation(now=signed.expectation().now + YEARS)
    for _ in range(2):
        assert verify(signed.sealed, signed.expectation()).valid
        assert Reason.NOT_TRUSTED in verify(signed.sealed, other_root).reasons
        late = verify(signed.sealed, too_late)
        assert not late.valid
        assert ARCHIVE_FIELD in {failure.slot for failure in late.failures}
