"""Every digest by which a row of mediation refers to its object store; what is not named here is removed in time."""

from typing import Any

from sqlalchemy import func, select, union_all

from services.mediation.storage.tables import agreements, documents, session_records, signing_rounds

_terms_file: Any = agreements.c.data["terms_file"].as_string()

REFERENCED = union_all(
    select(func.encode(documents.c.digest, "hex")),
    select(signing_rounds.c.data["frozen_digest"].as_string()),
    select(signing_rounds.c.data["revision_digest"].as_string()),
    select(signing_rounds.c.data["sealed_digest"].as_string()),
    select(agreements.c.data["frozen_digest"].as_string()),
    select(agreements.c.data["sealed_digest"].as_string()),
    # Stored when the agreement is frozen, noted as a document only when it is sealed.
    select(func.encode(func.sha256(func.convert_to(_terms_file, "UTF8")), "hex")),
    select(session_records.c.data["document_digest"].as_string()),
)
