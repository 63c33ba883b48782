"""Every digest by which a row of court_link refers to its object store; what is not named here is removed in time."""

from sqlalchemy import func, select, union_all

from services.court_link.storage.tables import agreements, applications, rulings

_supplement = func.jsonb_array_elements(applications.c.content["supplements"]).table_valued(
    "value", joins_implicitly=True
)

REFERENCED = union_all(
    select(agreements.c.content["sealed_digest"].as_string()),
    select(agreements.c.content["terms_digest"].as_string()),
    select(func.jsonb_extract_path_text(_supplement.c.value, "digest")).select_from(applications, _supplement),
    select(rulings.c.content["text", "digest"].as_string()),
    select(rulings.c.content["sealed_digest"].as_string()),
)
