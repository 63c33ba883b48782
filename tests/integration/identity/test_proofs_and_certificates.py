"""Proofs bound to one document, and the certificates that rest on them."""

import asyncio
import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asn1crypto import algos, tsp
from comity.identity.v1 import identity_service_pb2 as pb
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

from services.common.kernel.errors import DomainError
from tests.integration.identity.running import Person, Running, decoded, refusal, running
from tests.kit.clock import FakeClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.tokens import TokenIssuer

DIGEST = hashlib.sha256("冻结文本 SAMPLE".encode()).digest()
ROUND = "signingRounds/018f0000-0000-7000-8000-000000000001"
RECORD = "sessionRecords/018f0000-0000-7000-8000-000000000002"


def certificate_request(key: ec.EllipticCurvePrivateKey | None = None) -> bytes:
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody else")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)


async def issue(identity: Running, proof: str, service: str = "mediation", **given: Any) -> pb.IssueCertificateResponse:
    fields = {
        "subject": ROUND,
        "slot": "party-1",
        "document_number": "样本〔2026〕1号",
        "certificate_request": certificate_request(),
        "proof": proof,
        "signer": None
        if given.keys() & {"organisation", "freezing", "attesting"}
        else pb.Signer(display_name="样本丁"),
        **given,
    }
    answer: pb.IssueCertificateResponse = await identity.call(
        "IssueCertificate", pb.IssueCertificateRequest(**fields), service
    )
    return answer


def common_name(der: bytes) -> str:
    name = x509.load_der_x509_certificate(der).subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    return str(name)


async def test_a_proof_says_who_what_and_which_bytes(identity: Running) -> None:
    person = await identity.person()
    claims = json.loads(decoded((await identity.proof(person, ROUND, DIGEST)).split(".")[1]))
    assert claims["aud"] == "comity-proof" and claims["sub"] == person.account.name
    assert (claims["subject"], claims["digest"]) == (ROUND, DIGEST.hex())
    assert claims["exp"] - claims["iat"] == 600


async def test_a_code_for_signing_is_good_for_the_person_who_asked_and_only_once(identity: Running) -> None:
    person, thief = await identity.person(), await identity.person()
    start = pb.StartProofRequest(request_id=str(uuid4()), subject=ROUND, digest=DIGEST)
    challenge = (await identity.call("StartProof", start, person)).challenge.name
    complete = pb.CompleteProofRequest(challenge=challenge, code=identity.notify.code_for(person.email))
    assert await refusal(identity.call("CompleteProof", complete, thief)) == "CODE_NOT_ACCEPTED"
    calls = [identity.call("CompleteProof", complete, person) for _ in range(50)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(each, pb.CompleteProofResponse) for each in answers) == 1


async def test_a_sign_in_code_signs_nothing_and_a_signing_code_signs_nobody_in(identity: Running) -> None:
    person = await identity.person()
    sign_in = await identity.challenge(person.email)
    request = pb.CompleteProofRequest(challenge=sign_in, code=identity.notify.code_for(person.email))
    assert await refusal(identity.call("CompleteProof", request, person)) == "CODE_NOT_ACCEPTED"
    start = pb.StartProofRequest(request_id=str(uuid4()), subject=ROUND, digest=DIGEST)
    challenge = (await identity.call("StartProof", start, person)).challenge.name
    crossed = pb.CompleteSignInRequest(challenge=challenge, code=identity.notify.code_for(person.email))
    assert await refusal(identity.call("CompleteSignIn", crossed)) == "CODE_NOT_ACCEPTED"


async def test_a_code_asked_for_an_earlier_text_proves_the_earlier_text_only(identity: Running) -> None:
    person = await identity.person()
    first = await identity.proof(person, ROUND, DIGEST)
    later = hashlib.sha256(b"later text").digest()
    second = await identity.proof(person, ROUND, later)
    digests = [json.loads(decoded(proof.split(".")[1]))["digest"] for proof in (first, second)]
    assert digests == [DIGEST.hex(), later.hex()]


async def test_a_certificate_names_whom_the_case_knows_and_never_what_an_account_calls_itself(
    identity: Running,
) -> None:
    impostor = await identity.person("最高人民法院院长（假）")
    proof = await identity.proof(impostor, ROUND, DIGEST)
    signer = pb.Signer(display_name="周建国", on_behalf_of="样本家电有限公司", title="法定代表人")
    leaf = x509.load_der_x509_certificate((await issue(identity, proof, signer=signer)).chain[0])
    named = {each.oid: each.value for each in leaf.subject}
    assert named[NameOID.COMMON_NAME] == "周建国"
    assert (named[NameOID.ORGANIZATION_NAME], named[NameOID.TITLE]) == ("样本家电有限公司", "法定代表人")
    assert "假" not in leaf.subject.rfc4514_string()
    assert await refusal(issue(identity, proof, signer=None, slot="party-2")) == "SIGNER_MISSING"


async def test_a_certificate_ends_in_the_anchor(identity: Running) -> None:
    person = await identity.person("样本丁 SAMPLE")
    answer = await issue(identity, await identity.proof(person, ROUND, DIGEST))
    leaf, issuing, root = answer.chain
    assert common_name(leaf) == "样本丁"
    anchors = await identity.call("GetTrustAnchors", pb.GetTrustAnchorsRequest())
    assert list(anchors.certificates) == [root]
    loaded = [x509.load_der_x509_certificate(der) for der in (leaf, issuing, root)]
    loaded[0].verify_directly_issued_by(loaded[1])
    loaded[1].verify_directly_issued_by(loaded[2])
    statement = ocsp.load_der_ocsp_response(answer.ocsp_response)
    assert statement.certificate_status is ocsp.OCSPCertStatus.GOOD


async def test_the_same_key_in_the_same_slot_gets_the_same_chain_and_a_new_key_takes_over(identity: Running) -> None:
    person = await identity.person()
    proof = await identity.proof(person, ROUND, DIGEST)
    request = certificate_request()
    calls = [issue(identity, proof, certificate_request=request) for _ in range(8)]
    chains = {tuple(each.chain) for each in await asyncio.gather(*calls)}
    assert len(chains) == 1
    other = await issue(identity, proof)
    assert tuple(other.chain) not in chains
    logged = await identity.rows("SELECT type FROM event_log WHERE aggregate_type = 'certificates' ORDER BY occur_time")
    assert sorted(row.type for row in logged) == ["certificate.issued", "certificate.issued", "certificate.superseded"]
    assert tuple((await issue(identity, proof, certificate_request=request)).chain) in chains


async def test_a_certificate_is_refused_without_a_proof_of_this_subject(identity: Running) -> None:
    person = await identity.person()
    proof = await identity.proof(person, ROUND, DIGEST)
    forged = TokenIssuer(identity.clock).proof(uuid4(), ROUND, DIGEST)
    header, _, signature = proof.split(".")
    for bad in ("", "nonsense", forged, person.token, f"{header}.e30.{signature}"):
        assert await refusal(issue(identity, bad)) == "PROOF_REFUSED"
    assert await refusal(issue(identity, proof, subject="signingRounds/another")) == "PROOF_REFUSED"


async def test_the_certificate_for_a_recorded_act_is_issued_up_to_an_hour_after_the_proof_ran_out(
    identity: Running,
) -> None:
    person = await identity.person()
    proof = await identity.proof(person, ROUND, DIGEST)
    identity.clock.advance(timedelta(minutes=69))
    await issue(identity, proof)
    identity.clock.advance(timedelta(minutes=1))
    assert await refusal(issue(identity, proof)) == "PROOF_REFUSED"


async def test_a_key_that_somebody_certified_is_not_certified_for_another(identity: Running) -> None:
    request = certificate_request()
    one, other = await identity.person(), await identity.person()
    await issue(identity, await identity.proof(one, ROUND, DIGEST), certificate_request=request)
    call = issue(identity, await identity.proof(other, ROUND, DIGEST), certificate_request=request)
    assert await refusal(call) == "CERTIFICATE_OF_ANOTHER"


async def test_a_request_not_signed_by_its_key_is_refused(identity: Running) -> None:
    proof = await identity.proof(await identity.person(), ROUND, DIGEST)
    spoilt = bytearray(certificate_request())
    spoilt[-1] ^= 1
    assert await refusal(issue(identity, proof, certificate_request=bytes(spoilt))) in (
        "CERTIFICATE_REQUEST_NOT_SIGNED",
        "MALFORMED_CERTIFICATE_REQUEST",
    )
    assert await refusal(issue(identity, proof, certificate_request=b"x")) == "MALFORMED_CERTIFICATE_REQUEST"


async def sealing(
    identity: Running, kind: pb.OrganisationKind, role: pb.Role
) -> tuple[Person, Person, pb.Organisation]:
    administrator = await identity.administrator()
    head = await identity.person("样本主任 SAMPLE")
    made = await identity.organisation(administrator, kind, head.account, "样本机构 SAMPLE")
    keeper = await identity.person("样本保管人 SAMPLE")
    head = await identity.sign_in(head.email)
    await identity.grant(head, made.name, keeper.account.name, role)
    return head, keeper, made


@pytest.mark.parametrize(
    ("kind", "role"),
    [(pb.ORGANISATION_KIND_MEDIATION, pb.ROLE_SEAL_KEEPER), (pb.ORGANISATION_KIND_COURT, pb.ROLE_JUDGE)],
)
async def test_a_seal_names_the_organisation_and_needs_its_keepers_proof(
    identity: Running, kind: pb.OrganisationKind, role: pb.Role
) -> None:
    head, keeper, made = await sealing(identity, kind, role)
    answer = await issue(identity, await identity.proof(keeper, ROUND, DIGEST), slot="seal", organisation=made.name)
    assert common_name(answer.chain[0]) == "样本机构 SAMPLE"
    for other in (head, await identity.person()):
        call = issue(identity, await identity.proof(other, ROUND, DIGEST), slot="seal", organisation=made.name)
        assert await refusal(call) == "PROOF_REFUSED"


async def test_a_document_key_needs_no_proof_and_may_commit_nobody(identity: Running) -> None:
    answer = await issue(identity, "", slot="freeze", freezing=True)
    usage = x509.load_der_x509_certificate(answer.chain[0]).extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature and not usage.content_commitment


async def test_the_seal_on_a_session_record_rests_on_no_proof_and_names_the_organisation(identity: Running) -> None:
    _, _, made = await sealing(identity, pb.ORGANISATION_KIND_MEDIATION, pb.ROLE_MEDIATOR)
    answer = await issue(
        identity, "", subject=RECORD, slot="record-seal", organisation=made.name, attesting=True, document_number="1"
    )
    leaf = x509.load_der_x509_certificate(answer.chain[0])
    assert common_name(answer.chain[0]) == "样本机构 SAMPLE"
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["comity:document/1/slot/record-seal"]
    (row,) = await identity.rows(f"SELECT account_id FROM certificates WHERE subject = '{RECORD}'")
    assert row.account_id is None


async def test_no_record_is_sealed_in_the_name_of_an_office_where_nobody_mediates(identity: Running) -> None:
    _, _, made = await sealing(identity, pb.ORGANISATION_KIND_INTAKE, pb.ROLE_SEAL_KEEPER)
    fields = {"subject": RECORD, "slot": "record-seal", "organisation": made.name, "attesting": True}
    assert await refusal(issue(identity, "", **fields)) == "PROOF_REFUSED"


async def test_a_record_is_sealed_under_a_number_of_its_own(identity: Running) -> None:
    _, mediator, made = await sealing(identity, pb.ORGANISATION_KIND_MEDIATION, pb.ROLE_MEDIATOR)
    fields = {"subject": RECORD, "slot": "record-seal", "organisation": made.name, "attesting": True}
    await issue(identity, await identity.proof(mediator, ROUND, DIGEST))
    assert await refusal(issue(identity, "", **fields)) == "NUMBER_OF_ANOTHER", "an agreement has that number"
    await issue(identity, "", **fields, document_number="笔录1号")
    assert await refusal(issue(identity, "", **fields, document_number="笔录2号")) == "NUMBER_OF_ANOTHER"
    other = fields | {"subject": RECORD.replace("8f", "8e"), "document_number": "笔录1号"}
    assert await refusal(issue(identity, "", **other)) == "NUMBER_OF_ANOTHER"
    again = issue(identity, await identity.proof(mediator, ROUND, DIGEST), document_number="笔录1号", slot="party-9")
    assert await refusal(again) == "NUMBER_OF_ANOTHER"


async def test_without_a_proof_nothing_but_a_session_record_is_sealed(identity: Running) -> None:
    _, _, made = await sealing(identity, pb.ORGANISATION_KIND_MEDIATION, pb.ROLE_MEDIATOR)
    right = {"subject": RECORD, "slot": "record-seal", "organisation": made.name, "attesting": True}
    wrong: list[dict[str, Any]] = [
        {"slot": "seal"},
        {"subject": ROUND},
        {"subject": ROUND, "slot": "seal"},
        {"organisation": ""},
        {"attesting": False},
        {"service": "court_link"},
    ]
    for change in wrong:
        assert await refusal(issue(identity, "", **(right | change))) == "PROOF_REFUSED", change


async def test_the_seal_of_a_court_never_rests_on_no_proof(identity: Running) -> None:
    _, _, court = await sealing(identity, pb.ORGANISATION_KIND_COURT, pb.ROLE_JUDGE)
    call = issue(identity, "", subject=RECORD, slot="record-seal", organisation=court.name, attesting=True)
    assert await refusal(call) == "PROOF_REFUSED"


async def test_revocation_data_covers_what_was_issued_here_and_nothing_else(identity: Running) -> None:
    answer = await issue(identity, await identity.proof(await identity.person(), ROUND, DIGEST))
    request = pb.GetRevocationDataRequest(certificates=answer.chain)
    data = await identity.call("GetRevocationData", request, "mediation")
    assert len(data.ocsp_responses) == 1 and len(data.revocation_lists) == 2
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "elsewhere")])
    now = identity.clock.now()
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    foreign = dated.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    request = pb.GetRevocationDataRequest(certificates=[foreign])
    assert await refusal(identity.call("GetRevocationData", request, "mediation")) == "NOT_OUR_CERTIFICATE"


async def test_a_time_stamp_carries_the_time_of_the_clock(identity: Running) -> None:
    imprint = {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": DIGEST}
    query = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True}).dump()
    answer = await identity.call("CreateTimestamp", pb.CreateTimestampRequest(request=query), "court_link")
    response = tsp.TimeStampResp.load(answer.response)
    assert response["status"]["status"].native == "granted"
    information = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    assert information["gen_time"].native == identity.clock.now()


async def test_a_restart_and_a_second_replica_keep_keys_codes_and_authority(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, tmp_path: Path
) -> None:
    async with running(postgres, nats, clock, tmp_path) as first:
        person = await first.person()
        proof = await first.proof(person, ROUND, DIGEST)
        issued = await issue(first, proof, certificate_request=(request := certificate_request()))
        challenge = await first.challenge(person.email)
        async with running(postgres, nats, clock, tmp_path, first.fresh, first.notify) as second:
            assert (await issue(second, proof, certificate_request=request)).chain == issued.chain
            code = first.notify.code_for(person.email)
            answer = await second.call("CompleteSignIn", pb.CompleteSignInRequest(challenge=challenge, code=code))
            again = Person(answer.account, answer.access_token.token, person.email)
            await first.call("GetAccount", pb.GetAccountRequest(name="accounts/me"), again)


async def test_replicas_that_start_together_on_an_empty_folder_agree_on_their_keys(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, tmp_path: Path
) -> None:
    fresh = await postgres.fresh_database("identity")

    async def key_set() -> tuple[str, bytes]:
        async with running(postgres, nats, clock, tmp_path, fresh) as one:
            keys = (await one.call("GetJsonWebKeySet", pb.GetJsonWebKeySetRequest())).key_set
            return keys, (await one.call("GetTrustAnchors", pb.GetTrustAnchorsRequest())).certificates[0]

    assert len(set(await asyncio.gather(*(key_set() for _ in range(4))))) == 1


async def test_fifty_signers_asking_at_once_all_get_their_certificates(identity: Running) -> None:
    person = await identity.person()
    proof = await identity.proof(person, ROUND, DIGEST)
    calls = [issue(identity, proof, slot=f"party-{number}") for number in range(50)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert not [each for each in answers if isinstance(each, DomainError)]
