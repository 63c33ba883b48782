"""Row-level security, alike in every service: forced, so that it binds the owner too, and without a viewer no rows.

Who looks is told at the start of every transaction and holds for it alone: ``comity.viewer`` is ``accounts/<id>``,
``anonymous``, or ``system`` for services and the service's own loops; ``comity.organisations`` those whose staff the
viewer is; ``comity.caller`` who asks, for what was answered to one caller. A service may add settings of its own.
"""

VIEWER = "current_setting('comity.viewer', true)"
SYSTEM = f"{VIEWER} = 'system'"
ANYBODY = f"{VIEWER} <> ''"
"""Whoever a transaction was begun for; an unset viewer is nobody."""
CALLER = "current_setting('comity.caller', true)"
LOOPS = f"{CALLER} = 'services/system'"
"""The service's own loops, and no other service."""


def guarded(table: str, seen: str = SYSTEM, added: str = "") -> list[str]:
    """The statements that put a table under row-level security.

    ``seen``: the condition under which a row is read, changed, removed and written. ``added``: one under which a row
    may also be added by somebody who will not see it.
    """
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {table}_seen ON {table} USING ({seen})",
    ]
    if added:
        statements.append(f"CREATE POLICY {table}_added ON {table} FOR INSERT WITH CHECK ({added})")
    return statements
