"""Who may give which role to whom, and how the first administrator comes to be."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from comity.identity.v1 import identity_service_pb2 as pb

from services.common.kernel.errors import DomainError
from services.identity.first_administrator import new_code
from tests.integration.identity.running import Person, Running, refusal


async def centre(identity: Running, administrator: Person) -> tuple[Person, pb.Organisation]:
    head = await identity.person("样本主任 SAMPLE")
    made = await identity.organisation(administrator, pb.ORGANISATION_KIND_MEDIATION, head.account)
    return head, made


def claim(code: str) -> pb.ClaimFirstAdministratorRequest:
    return pb.ClaimFirstAdministratorRequest(
        request_id=str(uuid4()),
        code=code,
        display_name="样本 SAMPLE",
        email="first@example.org",
        locale="zh",
        organisation_display_name="样本平台 SAMPLE",
    )


async def test_the_set_up_code_makes_one_administrator_although_twenty_claim_at_once(identity: Running) -> None:
    code = await new_code(identity.settings, identity.clock)
    calls = [identity.call("ClaimFirstAdministrator", claim(code)) for _ in range(20)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(each, pb.ClaimFirstAdministratorResponse) for each in answers) == 1
    assert {each.reason for each in answers if isinstance(each, DomainError)} == {"CLAIM_CODE_REFUSED"}


async def test_a_set_up_code_is_good_for_a_day(identity: Running) -> None:
    code = await new_code(identity.settings, identity.clock)
    identity.clock.advance(timedelta(days=1))
    assert await refusal(identity.call("ClaimFirstAdministrator", claim(code))) == "CLAIM_CODE_REFUSED"


async def test_with_an_administrator_there_is_no_further_set_up_code(identity: Running) -> None:
    earlier = await new_code(identity.settings, identity.clock)
    await identity.administrator()
    assert await refusal(new_code(identity.settings, identity.clock)) == "PLATFORM_EXISTS"
    assert await refusal(identity.call("ClaimFirstAdministrator", claim(earlier))) == "PLATFORM_EXISTS"


async def test_only_the_hash_of_a_set_up_code_is_kept(identity: Running) -> None:
    code = await new_code(identity.settings, identity.clock)
    rows = await identity.rows("SELECT c::text AS line FROM first_administrator_codes c")
    assert len(rows) == 1 and code not in rows[0].line and code.encode().hex() not in rows[0].line


async def test_only_the_platform_enters_organisations(identity: Running) -> None:
    administrator = await identity.administrator()
    head, _ = await centre(identity, administrator)
    head = await identity.sign_in(head.email)
    call = identity.organisation(head, pb.ORGANISATION_KIND_MEDIATION, head.account)
    assert await refusal(call) == "NOT_ITS_ADMINISTRATOR"


async def test_the_platforms_administrator_gives_no_roles_in_other_organisations(identity: Running) -> None:
    administrator = await identity.administrator()
    head, made = await centre(identity, administrator)
    call = identity.grant(administrator, made.name, administrator.account.name, pb.ROLE_MEDIATOR)
    assert await refusal(call) == "NOT_ITS_ADMINISTRATOR"
    head = await identity.sign_in(head.email)
    mediator = await identity.person("样本调解员 SAMPLE")
    granted = await identity.grant(head, made.name, mediator.account.name, pb.ROLE_MEDIATOR)
    assert [each.role for each in granted.memberships] == [pb.ROLE_MEDIATOR]
    assert granted.email.startswith("p***@")


async def test_a_court_role_exists_in_a_court_only(identity: Running) -> None:
    administrator = await identity.administrator()
    head, made = await centre(identity, administrator)
    head = await identity.sign_in(head.email)
    someone = await identity.person()
    call = identity.grant(head, made.name, someone.account.name, pb.ROLE_JUDGE)
    assert await refusal(call) == "ROLE_NOT_OF_THIS_KIND"


async def test_nobody_of_the_platform_or_a_centre_gets_into_a_court_and_no_judge_out(identity: Running) -> None:
    administrator = await identity.administrator()
    head, made = await centre(identity, administrator)
    head = await identity.sign_in(head.email)
    for outsider in (administrator, head):
        call = identity.organisation(administrator, pb.ORGANISATION_KIND_COURT, outsider.account, "样本法院 SAMPLE")
        assert await refusal(call) == "COURT_ROLE_SEPARATION"
    president = await identity.person("样本院长 SAMPLE")
    court = await identity.organisation(administrator, pb.ORGANISATION_KIND_COURT, president.account, "样本法院 SAMPLE")
    president = await identity.sign_in(president.email)
    judge = await identity.person("样本法官 SAMPLE")
    await identity.grant(president, court.name, judge.account.name, pb.ROLE_JUDGE)
    into = identity.grant(president, court.name, head.account.name, pb.ROLE_COURT_CLERK)
    assert await refusal(into) == "COURT_ROLE_SEPARATION"
    out = identity.grant(head, made.name, judge.account.name, pb.ROLE_MEDIATOR)
    assert await refusal(out) == "COURT_ROLE_SEPARATION"


async def test_of_a_court_and_a_centre_that_ask_at_once_one_gets_the_person(identity: Running) -> None:
    administrator = await identity.administrator()
    head, made = await centre(identity, administrator)
    president = await identity.person("样本院长 SAMPLE")
    court = await identity.organisation(administrator, pb.ORGANISATION_KIND_COURT, president.account, "样本法院")
    head, president = await identity.sign_in(head.email), await identity.sign_in(president.email)
    for _ in range(5):
        someone = (await identity.register()).name
        answers = await asyncio.gather(
            identity.grant(head, made.name, someone, pb.ROLE_MEDIATOR),
            identity.grant(president, court.name, someone, pb.ROLE_JUDGE),
            return_exceptions=True,
        )
        reasons = [each.reason for each in answers if isinstance(each, DomainError)]
        assert reasons == ["COURT_ROLE_SEPARATION"]


async def test_a_role_taken_away_is_gone_at_once_here_whatever_the_token_says(identity: Running) -> None:
    administrator = await identity.administrator()
    head, made = await centre(identity, administrator)
    head = await identity.sign_in(head.email)
    second = await identity.person("样本副主任 SAMPLE")
    await identity.grant(head, made.name, second.account.name, pb.ROLE_ADMINISTRATOR)
    second = await identity.sign_in(second.email)
    revoke = pb.RevokeRoleRequest(
        request_id=str(uuid4()), organisation=made.name, account=head.account.name, role=pb.ROLE_ADMINISTRATOR
    )
    await identity.call("RevokeRole", revoke, second)
    call = identity.grant(head, made.name, head.account.name, pb.ROLE_MEDIATOR)
    assert await refusal(call) == "TOKEN_REVOKED"
    head = await identity.sign_in(head.email)
    call = identity.grant(head, made.name, head.account.name, pb.ROLE_MEDIATOR)
    assert await refusal(call) in ("NOT_ITS_ADMINISTRATOR", "ACCESS_DENIED")


async def test_two_administrators_cannot_remove_each_other_at_once(identity: Running) -> None:
    administrator = await identity.administrator()
    head, made = await centre(identity, administrator)
    head = await identity.sign_in(head.email)
    second = await identity.person("样本副主任 SAMPLE")
    await identity.grant(head, made.name, second.account.name, pb.ROLE_ADMINISTRATOR)
    second = await identity.sign_in(second.email)

    async def remove(who: Person, whom: Person) -> None:
        request = pb.RevokeRoleRequest(
            request_id=str(uuid4()), organisation=made.name, account=whom.account.name, role=pb.ROLE_ADMINISTRATOR
        )
        await identity.call("RevokeRole", request, who)

    answers = await asyncio.gather(remove(head, second), remove(second, head), return_exceptions=True)
    assert sum(each is None for each in answers) == 1
    left = await identity.rows("SELECT 1 FROM memberships WHERE role = 'ADMINISTRATOR'")
    assert len(left) == 2


async def test_another_persons_account_looks_like_one_that_does_not_exist(identity: Running) -> None:
    one, other = await identity.person(), await identity.person()
    for name in (other.account.name, f"accounts/{uuid4()}"):
        assert await refusal(identity.call("GetAccount", pb.GetAccountRequest(name=name), one)) == "NOT_FOUND"


async def test_an_administrator_sees_the_people_of_its_organisation_with_their_contacts_masked(
    identity: Running,
) -> None:
    administrator = await identity.administrator()
    head, made = await centre(identity, administrator)
    mediator = await identity.person("样本调解员 SAMPLE")
    await identity.grant(await identity.sign_in(head.email), made.name, mediator.account.name, pb.ROLE_MEDIATOR)
    seen = await identity.call("GetAccount", pb.GetAccountRequest(name=mediator.account.name), head)
    assert seen.account.display_name == "样本调解员 SAMPLE"
    assert seen.account.email == "p***@example.org"
    ask = pb.GetAccountRequest(name=mediator.account.name)
    assert await refusal(identity.call("GetAccount", ask, administrator)) == "NOT_FOUND"


async def test_organisations_are_listed_by_name_page_by_page(identity: Running) -> None:
    administrator = await identity.administrator()
    for name in ("丙 SAMPLE", "甲 SAMPLE", "乙 SAMPLE"):
        head = await identity.register()
        await identity.organisation(administrator, pb.ORGANISATION_KIND_INTAKE, head, name)
    found, token = [], ""
    for _ in range(3):
        request = pb.ListOrganisationsRequest(page_size=1, page_token=token, kind=pb.ORGANISATION_KIND_INTAKE)
        answer = await identity.call("ListOrganisations", request, administrator)
        found += [each.display_name for each in answer.organisations]
        token = answer.next_page_token
    assert sorted(found) == sorted(("丙 SAMPLE", "甲 SAMPLE", "乙 SAMPLE")) and token == ""


async def test_the_telephone_of_an_organisation_is_its_administrators_to_change(identity: Running) -> None:
    administrator = await identity.administrator()
    head, made = await centre(identity, administrator)

    def change(telephone: str, version: int) -> pb.ChangeOrganisationTelephoneRequest:
        return pb.ChangeOrganisationTelephoneRequest(
            request_id=str(uuid4()), name=made.name, version=version, telephone=telephone
        )

    assert made.telephone == ""
    head = await identity.sign_in(head.email)
    call = identity.call("ChangeOrganisationTelephone", change("025-8888 0000转801", made.version), head)
    changed = (await call).organisation
    assert (changed.telephone, changed.version) == ("025-8888 0000转801", made.version + 1)
    again = await identity.call("ChangeOrganisationTelephone", change(changed.telephone, changed.version), head)
    assert again.organisation.version == changed.version
    words = identity.call("ChangeOrganisationTelephone", change("ask at the desk", changed.version), head)
    assert await refusal(words) == "MALFORMED_REQUEST"
    stale = identity.call("ChangeOrganisationTelephone", change("025-8888 0001", made.version), head)
    assert await refusal(stale) == "STALE_VERSION"
    other = identity.call("ChangeOrganisationTelephone", change("025-8888 0001", changed.version), administrator)
    assert await refusal(other) == "NOT_ITS_ADMINISTRATOR"
