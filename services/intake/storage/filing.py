"""A matter that is filed, stored and counted in one statement (ADR 35)."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from services.common.storage.statement import Statement
from services.intake.application.ports import FilingRoom
from services.intake.domain.values import Party, PrivateParticulars
from services.intake.storage import rows


async def add(
    driver: asyncpg.Connection, values: Mapping[str, Any], parties: Sequence[Party], room: FilingRoom
) -> bool:
    """Stores the matter of these values with its parties if there is room for it; whether there was."""
    complainant, respondent = parties
    filed = {**values, **_party_values("complainant", complainant), **_party_values("respondent", respondent)}
    counted = _lanes(room)
    if await _ADD.run(driver, **filed, **counted):
        return True
    # Every lane that has room is in use, or there is no room, or this is the first filing of the day.
    await _NEW_DAY.run(driver, **counted)
    return await _ADD_WAITING.run(driver, **filed, **counted) == 1


def _party_values(prefix: str, party: Party) -> dict[str, Any]:
    private = party.particulars or PrivateParticulars()
    return {
        f"{prefix}_id": party.id,
        f"{prefix}_display_name": party.display_name,
        f"{prefix}_kind": party.kind.value,
        f"{prefix}_identity_head": party.identity_head,
        f"{prefix}_account_id": party.account,
        f"{prefix}_identity_number": private.identity_number,
        f"{prefix}_address": private.address,
        f"{prefix}_region_code": private.region_code,
        f"{prefix}_email": private.email,
        f"{prefix}_phone": private.phone,
        f"{prefix}_locale": private.locale,
        f"{prefix}_details": rows.details_values(private),
    }


def _party_rows(prefix: str, side: str) -> tuple[str, str]:
    """What a party's row and that of its particulars hold."""
    shown = (
        f"CAST(:{prefix}_id AS uuid), CAST(:id AS uuid), '{side}', :{prefix}_display_name, :{prefix}_kind,"
        f" :{prefix}_identity_head, CAST(:{prefix}_account_id AS uuid)"
    )
    private = (
        f"CAST(:{prefix}_id AS uuid), CAST(:id AS uuid), CAST(:{prefix}_account_id AS uuid),"
        f" :{prefix}_identity_number, :{prefix}_address, :{prefix}_region_code, :{prefix}_email,"
        f" :{prefix}_phone, :{prefix}_locale, CAST(:{prefix}_details AS jsonb)"
    )
    return shown, private


_COMPLAINANT, _RESPONDENT = _party_rows("complainant", "COMPLAINANT"), _party_rows("respondent", "RESPONDENT")

_LANES = 16
"""How many filings of one account can be on their way to their commit without one waiting for another."""


def _lanes(room: FilingRoom) -> dict[str, Any]:
    """A day's room, divided among lanes: ``share`` for each, and one more for the first ``rest`` of them."""
    lanes = min(_LANES, room.quota)
    share, rest = divmod(room.quota, lanes)
    counted = {"filer": room.filer, "capacity": room.capacity.value, "day": room.day}
    return {**counted, "lanes": lanes, "share": share, "rest": rest}


# A replica whose clock is a moment behind counts in the day that the others have begun.
_NEW_DAY = Statement(
    text("""
    INSERT INTO filings (filer, capacity, lane, day, filed)
    SELECT CAST(:filer AS text), CAST(:capacity AS text), lane, CAST(:day AS date), 0
    FROM generate_series(0, CAST(:lanes AS integer) - 1) AS lane
    WHERE NOT EXISTS (
        SELECT 1 FROM filings AS kept
        WHERE kept.filer = :filer AND kept.capacity = :capacity AND kept.lane = lane.lane
            AND kept.day >= CAST(:day AS date)
    )
    ON CONFLICT (filer, capacity, lane) DO UPDATE SET day = excluded.day, filed = 0 WHERE filings.day < excluded.day
    """)
)


def _add(choosing: str) -> Statement:
    """``choosing`` says which of the lanes with room is taken, and whether to wait for one that is in use."""
    return Statement(
        text(
            f"""
    WITH lane AS (
        SELECT lane FROM filings
        WHERE filer = CAST(:filer AS text) AND capacity = CAST(:capacity AS text) AND day >= CAST(:day AS date)
            AND filed < CAST(:share AS integer) + CAST(lane < CAST(:rest AS integer) AS integer)
            AND lane < CAST(:lanes AS integer)
        {choosing}
    ), counted AS (
        UPDATE filings SET filed = filings.filed + 1 FROM lane
        WHERE filings.filer = :filer AND filings.capacity = :capacity AND filings.lane = lane.lane
        RETURNING true
    ), shown AS (
        INSERT INTO parties (id, matter_id, side, display_name, kind, identity_head, account_id)
        SELECT {_COMPLAINANT[0]} FROM counted UNION ALL SELECT {_RESPONDENT[0]} FROM counted
    ), private AS (
        INSERT INTO particulars
            (party_id, matter_id, account_id, identity_number, address, region_code, email, phone, locale, details)
        SELECT {_COMPLAINANT[1]} FROM counted UNION ALL SELECT {_RESPONDENT[1]} FROM counted
    ), listed AS (
        INSERT INTO matter_viewers (viewer, matter_id)
        SELECT viewer, CAST(:id AS uuid) FROM counted, unnest(CAST(:viewers AS text[])) AS viewer
    ), alike AS (
        INSERT INTO likenesses (organisation_id, complainant_key, matter_id)
        SELECT CAST(:organisation_id AS uuid), complainant_key, CAST(:id AS uuid)
        FROM counted, unnest(CAST(:likeness_keys AS bytea[])) AS complainant_key
    ), frozen AS (
        INSERT INTO dossiers (matter_id, kind, digest, bytes, create_time)
        SELECT CAST(:id AS uuid), 'CONTACTS', CAST(:digest AS bytea), CAST(:dossier AS bytea),
            CAST(:receive_time AS timestamptz) FROM counted
    )
    INSERT INTO matters (id, organisation_id, version, head, number, kind, channel, state, subject_matter, facts,
        request, currency, minor_units, receive_time, sample, source_facts, shared_version, particulars_digest,
        contacts_digest)
    SELECT :id, :organisation_id, :version, :head, :number, :kind, :channel, :state, :subject_matter, :facts,
        :request, :currency, :minor_units, CAST(:receive_time AS timestamptz), :sample, :source_facts,
        :shared_version, CAST(:particulars_digest AS bytea), CAST(:contacts_digest AS bytea)
    FROM counted
    """  # noqa: S608 - composed of constants
        ).bindparams(
            *(bindparam(name, type_=JSONB) for name in ("source_facts", "complainant_details", "respondent_details"))
        )
    )


# The foreign keys are checked when the statement ends, so the order of its parts does not matter. How many matters each
# account filed today is counted in lanes, which begin anew with the day: a filing takes one that no other is using, so
# that it waits for nobody's commit. Only where none is left is one waited for, which is then looked at again.
_ADD = _add("LIMIT 1 FOR UPDATE SKIP LOCKED")
_ADD_WAITING = _add("ORDER BY random() LIMIT 1 FOR UPDATE")
