"""What a verifier accepts: the algorithms, pinned, and pyHanko's policies made from them.

Pinned means listed: an algorithm that is not named here is refused, however strong it may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from asn1crypto import algos, crl, keys, ocsp, x509
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import (
    REQUIRE_REVINFO,
    AlgorithmUsageConstraint,
    AlgorithmUsagePolicy,
    CertRevTrustPolicy,
    NonRevokedStatusAssertion,
)
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from services.common.signing.ports import RevocationData

DIGEST = "sha256"
DIGESTS = frozenset({DIGEST})
SIGNATURES = frozenset({"sha256_ecdsa"})
# Several machines have a part in one signature; their clocks differ a little, and statements are made while we work.
CLOCK_TOLERANCE = timedelta(minutes=2)
CURVES = frozenset({"secp256r1"})


class PinnedAlgorithms(AlgorithmUsagePolicy):
    """ECDSA on P-256 with SHA-256, for signatures, certificates, revocation statements and time stamps alike."""

    def digest_algorithm_allowed(
        self, algo: algos.DigestAlgorithm, moment: datetime | None
    ) -> AlgorithmUsageConstraint:
        return AlgorithmUsageConstraint(algo["algorithm"].native in DIGESTS)

    def signature_algorithm_allowed(
        self, algo: algos.SignedDigestAlgorithm, moment: datetime | None, public_key: keys.PublicKeyInfo | None
    ) -> AlgorithmUsageConstraint:
        listed = algo["algorithm"].native in SIGNATURES
        return AlgorithmUsageConstraint(listed and (public_key is None or _on_listed_curve(public_key)))


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known beside the file: trusted roots (DER) and statements about revocation."""

    roots: tuple[bytes, ...]
    revocation: RevocationData = field(default_factory=RevocationData)


def validation_specification(
    knowledge: Knowledge, assumed_good: Sequence[NonRevokedStatusAssertion] = ()
) -> PdfSignatureValidationSpec:
    """How a signature in a file is judged: revocation known for every certificate, nothing fetched."""
    roots = [x509.Certificate.load(der) for der in knowledge.roots]
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=roots),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
        algorithm_usage_policy=PinnedAlgorithms(),
        time_tolerance=CLOCK_TOLERANCE,
    )
    known = LocalKnowledge(
        # Without the root here pyHanko does not find the issuer of the root's revocation list.
        known_certs=roots,
        known_ocsps=_ocsp_containers(knowledge.revocation),
        known_crls=[CRLContainer(crl.CertificateList.load(der)) for der in knowledge.revocation.revocation_lists],
        nonrevoked_assertions=list(assumed_good),
    )
    gathering = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    return PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=policy, revinfo_gathering_policy=gathering, local_knowledge=known
        ),
        # Differences between revisions are judged once, by us; pyHanko would do it again for every time stamp.
        diff_policy=None,
    )


def validation_context(knowledge: Knowledge, others: Sequence[x509.Certificate], now: datetime) -> ValidationContext:
    """The context in which a seal's certificates are judged before they are written into the file."""
    return ValidationContext(
        trust_roots=[x509.Certificate.load(der) for der in knowledge.roots],
        other_certs=list(others),
        crls=[crl.CertificateList.load(der) for der in knowledge.revocation.revocation_lists],
        ocsps=[ocsp.OCSPResponse.load(der) for der in knowledge.revocation.ocsp_responses],
        allow_fetching=False,
        revocation_mode="require",
        moment=now,
        best_signature_time=now,
        algorithm_usage_policy=PinnedAlgorithms(),
        time_tolerance=CLOCK_TOLERANCE,
    )


def _ocsp_containers(revocation: RevocationData) -> list[OCSPContainer]:
    responses = (ocsp.OCSPResponse.load(der) for der in revocation.ocsp_responses)
    return [container for response in responses for container in OCSPContainer.load_multi(response)]


def _on_listed_curve(public_key: keys.PublicKeyInfo) -> bool:
    return public_key.algorithm == "ec" and public_key.curve in {("named", curve) for curve in CURVES}
