"""Which event of notify is which message."""

from comity.notify.v1 import notify_events_pb2 as pb

from services.common.convert import Converter
from services.common.messaging.catalogue import EventCatalogue, EventKind
from services.notify.domain import events

# Names of notify are resource names throughout, so the converter has none to know.
CONVERTER = Converter({}, {})

CATALOGUE = EventCatalogue(
    "notify",
    CONVERTER,
    {
        events.NoticeDelivered: EventKind("notice.delivered", pb.NoticeDelivered),
        events.NoticeFailed: EventKind("notice.failed", pb.NoticeFailed),
        events.CallBackCreated: EventKind("call_back.created", pb.CallBackCreated),
        events.CallBackDeadlineMoved: EventKind("call_back.deadline_moved", pb.CallBackDeadlineMoved, published=False),
        events.CallBackAttempted: EventKind("call_back.attempted", pb.CallBackAttempted, published=False),
        events.CallBackCompleted: EventKind("call_back.completed", pb.CallBackCompleted),
        events.ManualTaskCreated: EventKind("manual_task.created", pb.ManualTaskCreated, published=False),
        events.ManualTaskCompleted: EventKind("manual_task.completed", pb.ManualTaskCompleted),
    },
)
