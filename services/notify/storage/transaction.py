"""The unit of work of notify."""

from datetime import datetime

from services.common.kernel.principal import Principal
from services.common.storage.transaction import EventEncoder, LawBooks, Transaction
from services.notify.application.ports import Templates
from services.notify.storage.confirmations import Confirmations
from services.notify.storage.people import People
from services.notify.storage.repositories import CallBacks, ManualTasks, Notices
from services.notify.storage.senders import Senders


class NotifyTransaction(Transaction):
    """``people``, ``notices``, ``manual_tasks``, ``call_backs``, ``senders``, and the templates."""

    def __init__(
        self,
        encoder: EventEncoder,
        books: LawBooks,
        now: datetime,
        caller: Principal,
        templates: Templates,
        unverified_per_hour: int,
    ) -> None:
        super().__init__(encoder, books, now, caller)
        self.people = People(self)
        self.notices = Notices(self)
        self.manual_tasks = ManualTasks(self)
        self.call_backs = CallBacks(self)
        self.confirmations = Confirmations(self, unverified_per_hour)
        self.senders = Senders(self)
        self.templates = templates
