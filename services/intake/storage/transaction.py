"""The unit of work of intake."""

from datetime import datetime

from services.common.kernel.principal import Principal
from services.common.storage.pressure_reports import PressureReports
from services.common.storage.transaction import EventEncoder, LawBooks, Transaction
from services.intake.application.ports import DossierEncoder
from services.intake.storage.imports import Imports
from services.intake.storage.matter_lists import MatterLists
from services.intake.storage.organisations import Organisations
from services.intake.storage.repositories import Matters


class IntakeTransaction(Transaction):
    """``matters``, ``matter_lists``, ``imports``, ``organisations`` and the snapshots that other services pull."""

    def __init__(
        self,
        encoder: EventEncoder,
        books: LawBooks,
        now: datetime,
        caller: Principal,
        dossiers: DossierEncoder,
    ) -> None:
        super().__init__(encoder, books, now, caller)
        self.matters = Matters(self)
        self.matter_lists = MatterLists(self)
        self.imports = Imports(self)
        self.organisations = Organisations(self)
        self.pressure_reports = PressureReports(self)
        self.dossiers = dossiers
