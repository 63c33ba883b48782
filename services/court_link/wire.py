"""The resource names of this service and of those it refers to."""

from services.common.convert import Converter

_REFERENCES = {
    "account": "accounts",
    "agreement": "agreements",
    "application": "applications",
    "case": "cases",
    "court": "courts",
    "invitation": "invitations",
    "judge": "accounts",
    "organisation": "organisations",
    "parties": "parties",
    "party": "parties",
    "referral": "referrals",
    "report": "pressureReports",
    "ruling": "rulings",
}
_NAMES = {
    "Application": "applications",
    "Court": "courts",
    "PressureReport": "pressureReports",
    "Referral": "referrals",
    "ReferralParty": "parties",
    "Ruling": "rulings",
}

CONVERTER = Converter(_REFERENCES, _NAMES)
