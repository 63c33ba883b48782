"""A certificate with its private key, and how the pair is kept in a folder that only its owner reads."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def new_key() -> ec.EllipticCurvePrivateKey:
    """A fresh key on P-256, the only curve in use."""
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A certificate and the private key it speaks of. Its repr shows no key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def save(self, folder: Path, name: str) -> None:
        """Writes ``name.key.pem`` (mode 0600) and ``name.crt.pem``. FileExistsError rather than overwriting a key."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write_new(folder / f"{name}.key.pem", pem)
        _write_new(folder / f"{name}.crt.pem", self.certificate.public_bytes(serialization.Encoding.PEM))

    @classmethod
    def load(cls, folder: Path, name: str) -> "KeyHolder":
        """Reads the pair back.

        Raises FileNotFoundError, PermissionError when others may read the key file, ValueError when key and certificate
        do not belong together.
        """
        key_file = folder / f"{name}.key.pem"
        if key_file.stat().st_mode & 0o077:
            raise PermissionError(f"{name}.key.pem is readable by others than its owner: set its mode to 0600")
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate((folder / f"{name}.crt.pem").read_bytes())
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise ValueError(f"{name}: the key does not belong to the certificate")
        return cls(certificate, key)


def _write_new(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
