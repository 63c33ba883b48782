"""Organisations, accounts, invitations, challenges, certificates: the rules, pure."""
