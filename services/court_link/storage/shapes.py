"""What court_link keeps as JSON. ``make shapes`` records its shape in ``shapes.json``."""

from services.common.storage.shapes import renew
from services.court_link.domain.agreement import SealedAgreement
from services.court_link.domain.application import Application
from services.court_link.domain.court import Court
from services.court_link.domain.referral import Referral
from services.court_link.domain.ruling import Ruling
from services.court_link.domain.window import ApplicationWindow

KEPT: tuple[type, ...] = (Court, ApplicationWindow, SealedAgreement, Application, Ruling, Referral)

if __name__ == "__main__":
    renew("court_link", KEPT)
