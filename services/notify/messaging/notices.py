"""What a template is told of a clock that an event names."""

from collections.abc import Mapping

from comity.common.v1 import deadline_pb2

LIMIT_NEAR = "limit_near"


def of_notice(notice: deadline_pb2.DeadlineNotice) -> Mapping[str, object]:
    """Its name and what happens otherwise in both languages, its last day, and whether that is provisional."""
    return {
        "limit": {"zh": notice.name_zh, "en": notice.name_en},
        "otherwise": {"zh": notice.missed_zh, "en": notice.missed_en},
        "due_date": notice.due_date,
        "provisional": notice.provisional,
    }
