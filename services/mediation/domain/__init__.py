"""The rules of a mediation, pure: cases, sessions, records, offers, agreements and their signing."""
