"""The unit of work of this service: the common one with its repositories."""

from datetime import datetime

from services.common.kernel.principal import Principal
from services.common.storage.pressure_reports import PressureReports
from services.common.storage.transaction import EventEncoder, LawBooks, Transaction
from services.court_link.storage.docket_numbers import DocketNumbers
from services.court_link.storage.dossiers import Dossiers
from services.court_link.storage.repositories import Agreements, Applications, Courts, Referrals, Rulings, Windows


class CourtLinkTransaction(Transaction):
    """What a use case of this service is given."""

    def __init__(self, encoder: EventEncoder, books: LawBooks, now: datetime, caller: Principal) -> None:
        super().__init__(encoder, books, now, caller)
        self.courts = Courts(self)
        self.windows = Windows(self)
        self.agreements = Agreements(self)
        self.applications = Applications(self)
        self.rulings = Rulings(self)
        self.referrals = Referrals(self)
        self.docket_numbers = DocketNumbers(self)
        self.dossiers = Dossiers(self)
        self.pressure_reports = PressureReports(self)
