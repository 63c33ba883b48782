"""Reading the proofs that identity gives for one signature: who, for which subject, over which digest."""

from uuid import UUID

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.kernel.proofs import Proof
from services.common.rpc.tokens import PROOF_AUDIENCE, TokenVerifier


async def read_proof(tokens: TokenVerifier, token: str) -> Proof | None:
    """The proof, None for one that is forged, expired, or no proof.

    Raises UNAVAILABLE when identity's keys cannot be had.
    """
    try:
        claims = await tokens.claims(token, PROOF_AUDIENCE)
        kind, _, account = str(claims["sub"]).partition("/")
        if kind != "accounts":
            return None
        return Proof(
            account=UUID(account),
            subject=str(claims["subject"]),
            digest=bytes.fromhex(str(claims["digest"])),
            token_id=str(claims["jti"]),
        )
    except (KeyError, ValueError):
        return None
    except DomainError as error:
        if error.kind is ErrorKind.UNAVAILABLE:
            raise
        return None
