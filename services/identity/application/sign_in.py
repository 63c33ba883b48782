"""Signing in with a code. Asking sends one to any contact; only who reads it learns whether an account has it.

Whoever brings the code is who holds the contact: it is signed in, or opens the account. Before that nothing is kept of
anybody, so that nobody can wait in another's place.
"""

from dataclasses import dataclass, field

from services.common.kernel.contacts import Contact, parse_contact
from services.common.kernel.identity_numbers import compared_number
from services.identity.application.codes import Codes, Issued, consume
from services.identity.application.limits import Asker, known_device, stranger
from services.identity.application.ports import CodeKeeper, Tx
from services.identity.domain import errors
from services.identity.domain.account import Account
from services.identity.domain.challenge import Challenge, Meant, Purpose
from services.identity.domain.session import SESSION, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSignIn:
    """``device`` is what it was given when it signed in before, ``peer`` the network address that asks."""

    contact: str
    device: str = field(repr=False)
    peer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a new account is opened with."""

    display_name: str
    locale: str
    identity_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteSignIn:
    """``challenge`` is one whose right code came back; ``device`` the secret of the device, if it was given one."""

    challenge: Challenge
    profile: Profile | None
    device: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``device`` is the secret of the device, as it was given or a new one."""

    account: Account
    session: Session
    device: str = field(repr=False)


async def start_sign_in(tx: Tx, codes: Codes, command: StartSignIn) -> tuple[Issued]:
    """Does the same work for a known and an unknown contact. Raises CONTACT_MALFORMED, PHONE_NOT_SERVED, TOO_MANY_CODES."""
    contact = codes.phones.served(parse_contact(command.contact))
    account = await tx.accounts.by_contact(contact)
    asker = await _asker(tx, codes, account, command)
    meant = Meant(purpose=Purpose.SIGN_IN, contact=contact)
    locale = account.locale if account else "zh"
    return (await codes.issue(tx, meant, asker, locale, of_an_account=account is not None),)


async def _asker(tx: Tx, codes: Codes, account: Account | None, command: StartSignIn) -> Asker:
    device = device_key(codes.keeper, command.device)
    if account is not None and device and await tx.devices.belongs(device, account.id):
        return known_device(codes.limits, device.hex())
    return stranger(codes.limits, command.peer)


async def complete_sign_in(tx: Tx, keeper: CodeKeeper, command: CompleteSignIn) -> SignedIn:
    """Signs in the account of the contact that the right code came back from, or opens one with the profile.

    The device is known to the account from now on. Raises PROFILE_REQUIRED when there is neither account nor profile
    (the code stays good), CODE_NOT_ACCEPTED when the code was used meanwhile.
    """
    contact = command.challenge.meant.contact
    account = await tx.accounts.by_contact(contact) or await _opened(tx, keeper, contact, command.profile)
    await consume(tx, command.challenge)
    tx.authority = f"accounts/{account.id}"
    session = Session(id=tx.new_id(), account=account.id, create_time=tx.now, expire_time=tx.now + SESSION)
    account.signed_in()
    await tx.accounts.save(account)
    await tx.sessions.add(session)
    return SignedIn(account, session, await _kept(tx, keeper, account, command.device))


async def _kept(tx: Tx, keeper: CodeKeeper, account: Account, device: str) -> str:
    """The device's secret: the one given if it is the account's already, otherwise one of our making."""
    known = device and await tx.devices.belongs(device_key(keeper, device), account.id)
    secret = device if known else keeper.new_device()
    await tx.devices.keep(device_key(keeper, secret), account.id)
    return secret


async def _opened(tx: Tx, keeper: CodeKeeper, contact: Contact, profile: Profile | None) -> Account:
    if profile is None:
        raise errors.profile_required()
    hashed = identity_hash(keeper, profile.identity_number)
    account = Account.open(tx.new_id(), profile.display_name, contact, profile.locale, hashed, tx.now)
    account.registered(await tx.dossiers.keep(account.card))
    return account


def device_key(keeper: CodeKeeper, device: str) -> bytes:
    """By what a device is known here; nothing of none."""
    return keeper.fingerprint("device", device) if device else b""


def identity_hash(keeper: CodeKeeper, identity_number: str) -> bytes | None:
    """The keyed hash of an identity number in its one spelling; None of none."""
    number = compared_number(identity_number)
    return keeper.fingerprint("identity number", number) if number else None
