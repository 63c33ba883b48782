"""Generated passwords, and the form in which PostgreSQL is told about one."""

import base64
import hashlib
import hmac
import secrets

_ITERATIONS = 4096


def new_password() -> str:
    """256 random bits, letters and digits only: safe in URLs, SQL and configuration files alike."""
    return secrets.token_hex(32)


def digest(secret: str) -> str:
    """SHA-256 in hex: what a service is told about another's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def scram_verifier(password: str) -> str:
    """The SCRAM-SHA-256 verifier (RFC 5803) that PostgreSQL stores, so that no statement holds the password itself.

    The password must be ASCII.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _ITERATIONS)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    parts = [base64.b64encode(part).decode() for part in (salt, stored_key, server_key)]
    return f"SCRAM-SHA-256${_ITERATIONS}:{parts[0]}${parts[1]}:{parts[2]}"
