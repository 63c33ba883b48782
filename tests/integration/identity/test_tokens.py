"""Tokens: what is in them, how long, and forgeries (trust matrix, row 33) on a real method."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from comity.identity.v1 import identity_service_pb2 as pb
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.common.rpc.tokens import TokenVerifier
from tests.integration.identity.running import SECRETS, Person, Running, decoded, refusal
from tests.kit.tokens import TokenIssuer

ME = pb.GetAccountRequest(name="accounts/me")


def encode(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


async def key_set(identity: Running) -> dict[str, Any]:
    answer = await identity.call("GetJsonWebKeySet", pb.GetJsonWebKeySetRequest())
    found: dict[str, Any] = json.loads(answer.key_set)
    return found


async def test_the_key_set_publishes_the_current_key_and_the_next_and_nothing_private(identity: Running) -> None:
    keys = (await key_set(identity))["keys"]
    assert len(keys) == 2
    assert all(set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"} for key in keys)


async def test_other_services_read_the_tokens_with_the_published_keys(identity: Running) -> None:
    person = await identity.person()

    async def source() -> str:
        return json.dumps(await key_set(identity))

    principal = await TokenVerifier(source, identity.clock).principal(person.token)
    assert principal.subject == person.account.name


async def test_a_token_is_good_for_ten_minutes(identity: Running) -> None:
    person = await identity.person()
    identity.clock.advance(timedelta(minutes=9, seconds=59))
    await identity.call("GetAccount", ME, person)
    identity.clock.advance(timedelta(seconds=1))
    assert await refusal(identity.call("GetAccount", ME, person)) == "TOKEN_EXPIRED"


async def test_a_token_is_renewed_with_todays_roles_for_eight_hours(identity: Running) -> None:
    person = await identity.person()
    for _ in range(53):
        identity.clock.advance(timedelta(minutes=9))
        renewed = await identity.call("RenewAccessToken", pb.RenewAccessTokenRequest(), person)
        person = Person(person.account, renewed.access_token.token, person.email)
    identity.clock.advance(timedelta(minutes=3))
    assert await refusal(identity.call("RenewAccessToken", pb.RenewAccessTokenRequest(), person)) == "SESSION_TOO_OLD"


FORGERIES = (
    "none",
    "hs256_with_the_public_key",
    "expired",
    "no_expiry",
    "issued_in_the_future_by_another_key",
    "wrong_audience",
    "a_proof_as_a_token",
    "wrong_issuer",
    "another_key",
    "another_key_inline",
    "key_id_as_a_path",
    "changed_claims",
    "cut_signature",
    "no_subject",
    "nonsense",
)


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_token_is_refused(identity: Running, forgery: str) -> None:
    person = await identity.person()
    token = await forged(identity, person, forgery)
    reason = await refusal(identity.call("GetAccount", ME, Person(person.account, token, "")))
    assert reason in ("TOKEN_INVALID", "TOKEN_EXPIRED", "UNAUTHENTICATED")


async def forged(identity: Running, person: Person, forgery: str) -> str:
    header, payload, signature = person.token.split(".")
    claims = json.loads(decoded(payload))
    own = json.loads(decoded(header))
    public = next(key for key in (await key_set(identity))["keys"] if key["kid"] == own["kid"])
    stranger = TokenIssuer(identity.clock, own["kid"])
    subject = person.account.name

    def hs256() -> str:
        pem = jwt.PyJWK(public).key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        signed = f"{encode({**own, 'alg': 'HS256'})}.{payload}"
        mac = hmac.new(pem, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"

    def inline() -> str:
        key = ec.generate_private_key(ec.SECP256R1())
        jwk = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        return jwt.encode(claims, key, algorithm="ES256", headers={"kid": own["kid"], "jwk": jwk})

    ours = identity_signed(identity)
    if forgery == "expired":
        identity.clock.advance(timedelta(minutes=10))
        return person.token
    if forgery == "a_proof_as_a_token":
        return await identity.proof(person, "signingRounds/1", hashlib.sha256(b"frozen").digest())
    made = {
        "none": lambda: f"{encode({'alg': 'none', 'typ': 'JWT', 'kid': own['kid']})}.{payload}.",
        "hs256_with_the_public_key": hs256,
        "no_expiry": lambda: ours({**claims, "exp": None}),
        "issued_in_the_future_by_another_key": lambda: stranger.sign({**claims, "nbf": claims["exp"] + 600}),
        "wrong_audience": lambda: ours({**claims, "aud": "somebody-else"}),
        "wrong_issuer": lambda: ours({**claims, "iss": "somebody-else"}),
        "another_key": lambda: stranger.sign({"aud": "comity", "sub": subject}),
        "another_key_inline": inline,
        "key_id_as_a_path": lambda: TokenIssuer(identity.clock, "../../dev/null").sign(
            {"aud": "comity", "sub": subject}
        ),
        "changed_claims": lambda: f"{header}.{encode({**claims, 'sub': f'accounts/{uuid4()}'})}.{signature}",
        "cut_signature": lambda: f"{header}.{payload}.{signature[:-8]}",
        "no_subject": lambda: ours({**claims, "sub": None}),
        "nonsense": lambda: "a.b.c",
    }
    return made[forgery]()


def identity_signed(identity: Running) -> Any:
    """Signs claims with identity's own key, to see that a right signature alone does not do."""
    path = sorted((identity.settings.keys / "tokens").glob("*.pem"))[0]
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    kid = path.stem.partition("-")[2]

    def sign(claims: dict[str, Any]) -> str:
        given = {name: value for name, value in claims.items() if value is not None}
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return jwt.encode(given, key, algorithm="ES256", headers={"kid": kid})

    return sign


async def test_a_service_gets_its_token_for_its_secret_only(identity: Running) -> None:
    wrong = pb.IssueServiceTokenRequest(service="notify", secret=SECRETS["intake"])
    assert await refusal(identity.call("IssueServiceToken", wrong)) == "SECRET_REFUSED"
    unknown = pb.IssueServiceTokenRequest(service="portal", secret="")
    assert await refusal(identity.call("IssueServiceToken", unknown)) == "SECRET_REFUSED"
    assert await identity.service_token("notify")


async def test_guessing_service_secrets_is_slowed_down_to_ten_a_minute(identity: Running) -> None:
    guess = pb.IssueServiceTokenRequest(service="notify", secret="guess")
    reasons = [await refusal(identity.call("IssueServiceToken", guess)) for _ in range(15)]
    assert reasons == ["SECRET_REFUSED"] * 10 + ["TOO_MANY_TRIES"] * 5
    identity.clock.advance(timedelta(minutes=1))
    assert await refusal(identity.call("IssueServiceToken", guess)) == "SECRET_REFUSED"


async def test_whoever_guesses_from_the_same_address_the_right_secret_counts(identity: Running) -> None:
    guess = pb.IssueServiceTokenRequest(service="notify", secret="guess")
    for _ in range(15):
        await refusal(identity.call("IssueServiceToken", guess))
    for name in SECRETS:
        assert await identity.service_token(name)


async def test_a_services_token_does_not_open_a_persons_methods_nor_another_services(identity: Running) -> None:
    assert await refusal(identity.call("GetAccount", ME, "notify")) == "ACCESS_DENIED"
    request = pb.CreateTimestampRequest(request=b"")
    assert await refusal(identity.call("CreateTimestamp", request, "notify")) == "ACCESS_DENIED"


async def test_the_key_files_are_readable_by_their_owner_alone(identity: Running) -> None:
    keys = identity.settings.keys
    files = [path for path in keys.rglob("*") if path.is_file() and "crt" not in path.name]
    assert len(files) >= 6
    assert all(path.stat().st_mode & 0o077 == 0 for path in (keys, *files))


async def test_notify_is_called_as_identity(identity: Running) -> None:
    await identity.challenge("anybody@example.org")
    payload = json.loads(decoded(identity.notify.callers[0].split(".")[1]))
    assert payload["sub"] == "services/identity"
