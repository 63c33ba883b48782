"""A person's own sign-ins: seeing them, ending one, ending all."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.common.kernel.errors import not_found
from services.identity.application.caller import own_id
from services.identity.application.ports import Tx
from services.identity.domain import errors
from services.identity.domain.account import Account
from services.identity.domain.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut:
    """None for the session that asks."""

    session: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutEverywhere:
    pass


async def list_sessions(tx: Tx, before: UUID | None, size: int) -> list[Session]:
    """The newest first, those begun before one of them."""
    found = await tx.sessions.of_account(own_id(tx), before, size)
    return [replace(each, current=each.id == tx.caller.session_id) for each in found]


async def lasting_session(tx: Tx) -> tuple[Account, Session]:
    """Whose token is to be renewed. Raises SESSION_TOO_OLD (UNAUTHENTICATED) for one that ended or ran out."""
    account = await tx.accounts.get(own_id(tx))
    session = await tx.sessions.lasting(tx.caller.session_id, account.id) if tx.caller.session_id else None
    if session is None:
        raise errors.session_too_old()
    return account, session


async def sign_out(tx: Tx, command: SignOut) -> None:
    """Ends a session of the caller; its tokens and proofs are refused from now on. Raises NOT_FOUND."""
    account = await tx.accounts.get(own_id(tx), for_update=True)
    session = command.session or tx.caller.session_id
    if session is None or not await tx.sessions.end(account.id, session):
        raise not_found()
    account.sign_out(session, tx.now)
    await tx.revocations.add(f"signIns/{session}", 0)
    await tx.accounts.save(account)


async def sign_out_everywhere(tx: Tx, _: SignOutEverywhere) -> None:
    """Ends every session of the caller and forgets its devices."""
    account = await tx.accounts.get(own_id(tx), for_update=True)
    await tx.sessions.end(account.id, None)
    await tx.devices.forget(account.id)
    account.revoke_tokens(tx.now)
    await tx.revocations.add(f"accounts/{account.id}", account.generation)
    await tx.accounts.save(account)
