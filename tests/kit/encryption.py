"""A throw-away certificate authority, and a front that speaks TLS before a PostgreSQL that does not.

The PostgreSQL of the wheel is built without OpenSSL. The front does what PgBouncer or stunnel do for such a server: the
handshake, and the check of the certificate, are the client's real ones.
"""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.local.ports import LOOPBACK

_SSL_REQUEST = (8).to_bytes(4) + (80877103).to_bytes(4)
_DAYS = datetime.timedelta(days=2)
_SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """PEM files of a server: its certificate and its key."""

    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


class ThrowAwayAuthority:
    """Vouches for servers of one test. ``file`` is what a client is given."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._signed(
            name, self._key.public_key(), (x509.BasicConstraints(ca=True, path_length=0), True), (_SIGNS, True)
        )
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, name: str) -> ServerFiles:
        """Files of a server under this name, a host's or an address."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([_alternative(name)])
        certificate = self._signed(name, key.public_key(), (names, False))
        files = ServerFiles(self._folder / f"{self._name}-{name}.pem", self._folder / f"{self._name}-{name}.key")
        files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        files.key.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
        return files

    def _signed(
        self, name: str, key: ec.EllipticCurvePublicKey, *extensions: tuple[x509.ExtensionType, bool]
    ) -> x509.Certificate:
        """With these extensions, each critical or not: from Python 3.13 a client demands all that RFC 5280 does."""
        today = datetime.datetime.now(datetime.UTC)
        issuer, subject = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (self._name, name))
        certificate = x509.CertificateBuilder(
            issuer, subject, key, x509.random_serial_number(), today - _DAYS, today + _DAYS
        )
        for extension, critical in (
            *extensions,
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False),
            (x509.SubjectKeyIdentifier.from_public_key(key), False),
        ):
            certificate = certificate.add_extension(extension, critical=critical)
        return certificate.sign(self._key, hashes.SHA256())


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class TlsFront:
    """Takes encrypted connections only and passes them on; counts those whose handshake was made."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        self._behind = (host, port)
        self._context = context
        self.handshakes = 0
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["TlsFront"]:
        server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await reader.readexactly(8) != _SSL_REQUEST:
                return
            writer.write(b"S")
            await writer.start_tls(self._context)
            self.handshakes += 1
            inner_reader, inner_writer = await asyncio.open_connection(*self._behind)
            await asyncio.gather(_pass_on(reader, inner_writer), _pass_on(inner_reader, writer))
        except (OSError, EOFError):
            pass  # the client has gone, or did not like the certificate
        finally:
            writer.close()


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    except OSError:
        pass  # either side may break off
    finally:
        target.close()
