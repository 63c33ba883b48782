"""A sign-in that was ended is ended everywhere."""

from uuid import uuid4

from comity.court_link.v1 import court_link_service_pb2 as court_pb
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.intake.v1 import intake_service_pb2 as intake_pb
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb
from comity.notify.v1 import notify_service_pb2 as notify_pb

from services.common.kernel.errors import DomainError
from services.common.rpc.client import answered
from tests.kit.eventually import eventually
from tests.scenarios.conftest import Town
from tests.scenarios.played import refusal


async def test_a_token_of_a_sign_in_that_was_ended_is_refused_by_every_service_and_another_is_not(town: Town) -> None:
    case = town.journey("signing out")
    lost, kept = (
        case.stranger("有两台设备的人 SAMPLE", "two-devices"),
        case.stranger("有两台设备的人 SAMPLE", "two-devices"),
    )
    await lost.register()
    await kept.register()
    services = town.suite.services
    asked = {
        "identity": (services.identity.GetAccount, identity_pb.GetAccountRequest(name="accounts/me")),
        "intake": (services.intake.ListMatters, intake_pb.ListMattersRequest()),
        "mediation": (
            services.mediation.ListMediators,
            mediation_pb.ListMediatorsRequest(organisation=town.house.mediation),
        ),
        "court_link": (services.court_link.ListCourts, court_pb.ListCourtsRequest()),
        "notify": (services.notify.ListNotices, notify_pb.ListNoticesRequest()),
    }
    stolen = await lost.metadata()
    for method, request in asked.values():
        await answered(method(request, metadata=stolen, timeout=20))
    sign_out = identity_pb.SignOutRequest(request_id=str(uuid4()))
    await answered(services.identity.SignOut(sign_out, metadata=stolen, timeout=20))
    for name, (method, request) in asked.items():

        async def refused(method: object = method, request: object = request) -> bool:
            try:
                await answered(method(request, metadata=stolen, timeout=20))  # type: ignore[operator]
            except DomainError as refusal:
                return refusal.reason == "TOKEN_REVOKED"
            return False

        assert await eventually(refused), name
        await answered(method(request, metadata=await kept.metadata(), timeout=20))


async def test_a_proof_of_a_sign_in_that_was_ended_proves_nothing(town: Town) -> None:
    case = town.journey("proof after signing out")
    signing_round = await case.to_frozen()
    person = case.complainant
    proof = await person.prove(signing_round.name, signing_round.frozen_digest)
    sign_out = identity_pb.SignOutRequest(request_id=str(uuid4()))
    metadata = await person.metadata()
    await answered(town.suite.services.identity.SignOut(sign_out, metadata=metadata, timeout=20))

    async def known() -> bool:
        try:
            request = mediation_pb.ListMediatorsRequest(organisation=town.house.mediation)
            await answered(town.suite.services.mediation.ListMediators(request, metadata=metadata, timeout=20))
        except DomainError as refusal:
            return refusal.reason == "TOKEN_REVOKED"
        return False

    await eventually(known)
    await person.sign_in()
    request = mediation_pb.SignAgreementRequest(
        request_id=str(uuid4()),
        name=signing_round.name,
        slot=case.slot(signing_round, "complainant"),
        frozen_digest=signing_round.frozen_digest,
        proof=proof,
        read_whole_document=True,
        acts_freely=True,
    )
    refused = await refusal(person.call(town.suite.services.mediation.SignAgreement, request))
    assert refused.reason == "PROOF_INVALID"
    await case.sign_for(person, signing_round, request.slot)
    await case.slot_signed(signing_round.name, request.slot)
