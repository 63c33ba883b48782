"""Where a database is and how its server proves itself: SQLAlchemy's URL with libpq's words for TLS.

SQLAlchemy hands every word of the query to the driver, which knows sslrootcert and the like in a URL of its own only.
"""

from urllib.parse import urlencode

from sqlalchemy import URL, make_url


def address(url: str) -> tuple[URL, dict[str, str]]:
    """The URL without its words for TLS, and what the driver is told of them.

    ``sslmode=verify-full`` checks the server's certificate and its name, against the authorities of ``sslrootcert``
    (https://www.postgresql.org/docs/current/libpq-ssl.html). Without any the connection is encrypted if the server can,
    and nothing is checked.
    """
    parts = make_url(url)
    words = {name: value for name, value in parts.query.items() if name.startswith("ssl") and name != "ssl"}
    if not words:
        return parts, {}
    return parts.difference_update_query(words), {"dsn": f"postgresql://?{urlencode(words, doseq=True)}"}


def dsn_of(url: str) -> str:
    """The same for the driver alone, which reads the words for TLS in a URL of its own."""
    parts = make_url(url).set(drivername="postgresql").difference_update_query(["prepared_statement_cache_size"])
    return parts.render_as_string(hide_password=False)
