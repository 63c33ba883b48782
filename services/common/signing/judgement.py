"""Is one signature good, now and for years: ETSI EN 319 102-1 by pyHanko, our algorithms, a stricter difference rule.

pyHanko's default rule lets a later revision edit the information dictionary, the metadata and text fields; ours does
not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import cms, core
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DSSCompareRule,
    FormUpdatingRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.general import find_unique_cms_attribute
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import PdfSignatureValidationSpec
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo

from services.common.signing.report import Reason, Refused
from services.common.signing.slots import ARCHIVE_FIELD
from services.common.signing.trust_settings import DIGEST


@dataclass(frozen=True, slots=True)
class Moment:
    """When a file is judged and how far ahead it has to hold (None: not by its archive, zero: by it, and only now)."""

    now: datetime
    horizon: timedelta | None


def require_digest(signature: EmbeddedPdfSignature) -> None:
    """SIGNATURE_BROKEN unless the covered bytes have the digest the signature names: cheap, so it comes first."""
    content = signature.signed_data["encap_content_info"]["content"]
    if signature.external_md_algorithm != DIGEST:
        raise Refused(Reason.SIGNATURE_BROKEN, signature.field_name, "digest algorithm")
    if isinstance(content, core.Void) or content.native is None:
        named = find_unique_cms_attribute(signature.signer_info["signed_attrs"], "message_digest").native
    else:
        named = content.parsed["message_imprint"]["hashed_message"].native
    if named != signature.compute_digest():
        raise Refused(Reason.SIGNATURE_BROKEN, signature.field_name, "digest")


async def judge_signature(
    signature: EmbeddedPdfSignature, specification: PdfSignatureValidationSpec, moment: Moment
) -> None:
    """Raises the reason why a person's signature, the seal or the certification is not good."""
    slot = signature.field_name
    _require_unchanged(signature)
    result = await _validated(signature, specification, moment)
    status = result.api_status
    if status is None or not (status.intact and status.valid):
        raise Refused(Reason.SIGNATURE_BROKEN, slot, str(result.ades_subindic))
    if result.ades_subindic != AdESPassed.OK or not status.bottom_line:
        raise Refused(Reason.NOT_TRUSTED, slot, str(result.ades_subindic))
    if status.timestamp_validity is None:
        raise Refused(Reason.TIMESTAMP_NOT_TRUSTED, slot)
    if moment.horizon is None:
        return
    if not isinstance(result, ades.AdESLTAValidationResult) or result.oldest_evidence_record_timestamp is None:
        raise Refused(Reason.TIMESTAMP_NOT_TRUSTED, ARCHIVE_FIELD, "no proof of existence")
    if not moment.horizon:
        return
    ahead = await ades.simulate_future_ades_lta_validation(
        signature, specification, moment.now + moment.horizon, current_reference_time=moment.now
    )
    if ahead.ades_subindic != AdESPassed.OK:
        raise Refused(Reason.NOT_DURABLE, slot, str(ahead.ades_subindic))


async def judge_archive(
    signature: EmbeddedPdfSignature, specification: PdfSignatureValidationSpec, moment: Moment
) -> None:
    """Raises TIMESTAMP_NOT_TRUSTED unless the archive time stamp is good now."""
    _require_unchanged(signature)
    result = await ades.ades_timestamp_validation(
        signature.signed_data,
        specification.signature_validation_spec,
        signature.compute_digest,
        timing_info=ValidationTimingInfo(moment.now, moment.now, point_in_time_validation=False),
    )
    status = result.api_status
    if result.ades_subindic != AdESPassed.OK or status is None or not (status.intact and status.valid):
        raise Refused(Reason.TIMESTAMP_NOT_TRUSTED, signature.field_name, str(result.ades_subindic))


async def _validated(
    signature: EmbeddedPdfSignature, specification: PdfSignatureValidationSpec, moment: Moment
) -> ades.AdESWithTimeValidationResult:
    """By the archive's proofs when there is an archive, by the signature's own time stamp before."""
    timing = ValidationTimingInfo(moment.now, moment.now, point_in_time_validation=False)
    if moment.horizon is not None:
        return await ades.ades_lta_validation(signature, specification, timing_info=timing)
    return await ades.ades_with_time_validation(
        signature.signed_data,
        specification.signature_validation_spec,
        timing_info=timing,
        raw_digest=signature.compute_digest(),
        extra_status_kwargs=signature.summarise_integrity_info(),
        status_cls=PdfSignatureStatus,
    )


def proven_time(signature: EmbeddedPdfSignature) -> datetime | None:
    """The time in the signature's own time stamp, whether or not it is trusted."""
    tokens: Sequence[cms.SignedData] = list(extract_tst_data_iter(signature.signer_info, signed=False))
    if len(tokens) != 1:
        return None
    when: datetime = tokens[0]["encap_content_info"]["content"].parsed["gen_time"].native
    return when


def strict_difference_policy() -> StandardDiffPolicy:
    """What later revisions may do: fill signature fields, add proof for the archive. Nothing else."""
    upkeep = (XrefStreamRule(), ObjectStreamRule(), DSSCompareRule())
    rules = [CatalogModificationRule(), *(rule.as_qualified(ModificationLevel.LTA_UPDATES) for rule in upkeep)]
    return StandardDiffPolicy(rules, FormUpdatingRule([SigFieldCreationRule(), SigFieldModificationRule()]))


def _require_unchanged(signature: EmbeddedPdfSignature) -> None:
    signature.compute_integrity_info(diff_policy=strict_difference_policy())
    outcome = signature.diff_result
    if outcome is None or isinstance(outcome, SuspiciousModification):
        raise Refused(Reason.CHANGED_AFTER_SIGNING, signature.field_name, str(outcome)[:200])
    allowed = signature.docmdp_level.value if signature.docmdp_level else ModificationLevel.FORM_FILLING.value
    if outcome.modification_level.value > allowed:
        raise Refused(Reason.CHANGED_AFTER_SIGNING, signature.field_name, outcome.modification_level.name)
