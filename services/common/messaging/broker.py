"""The connection to NATS. Streams and consumers are made by the operator; a service only uses them."""

import asyncio
import json
import ssl
import time
from pathlib import Path

import nats.errors
from nats.aio.client import Client
from nats.js.errors import APIError, NoStreamResponseError

from services.common.messaging.encryption import client_for
from services.common.surroundings import Cause, Part

FIRST_SECONDS = 2.0
"""How long a start waits for the broker before it goes on without."""
DENIED_SECONDS = 7.0
"""How long a refused subject counts: longer than the relay or a consumer takes to try it again."""
PING_SECONDS = 5
"""A connection that leaves two of its pings unanswered has lost its server; by itself the client asks each two minutes."""
_ASK_SECONDS = 2.0
_CLOSE_SECONDS = 3.0

UNREACHABLE = Cause(
    "BROKER_UNREACHABLE",
    "NATS 无应答：请启动它，或更正 COMITY_NATS_URL 中的地址",
    "NATS does not answer: start it, or correct the address in COMITY_NATS_URL",
)
PASSWORD_WRONG = Cause(
    "BROKER_PASSWORD_WRONG",
    "NATS 拒绝该用户或密码：请更正 COMITY_NATS_URL，或在 NATS 中设置相应用户",
    "NATS refuses this user or password: correct COMITY_NATS_URL, or give NATS the user it has there",
)
UNTRUSTED = Cause(
    "BROKER_UNTRUSTED",
    "NATS 的证书不被信任或未加密：请更正其证书、COMITY_NATS_URL 中的主机名或 COMITY_NATS_CA_FILE",
    "NATS does not encrypt or its certificate is not vouched for: correct it, the host's name or COMITY_NATS_CA_FILE",
)
_UNTRUSTED = (ssl.SSLError, nats.errors.SecureConnRequiredError)
RIGHT_MISSING = Cause(
    "BROKER_RIGHT_MISSING",
    "NATS 用户缺少对某些主题的权限：请按部署文件重新设置该用户的权限",
    "the NATS user lacks permission for a subject of this service: give it the permissions of the deployment again",
)
WITHOUT_JETSTREAM = Cause(
    "BROKER_WITHOUT_JETSTREAM",
    "NATS 未启用 JetStream（或因磁盘已满被停用）：请在配置中启用它，检查其磁盘，然后重启 NATS",
    "NATS runs without JetStream (or has disabled it for want of disk): enable it, look at its disk, restart NATS",
)
STREAM_MISSING = Cause(
    "BROKER_STREAM_MISSING",
    "NATS 中缺少本服务的流：请重新运行 set-up（或 comity up）来创建",
    "a stream of this service is not on NATS: run set-up (or comity up) again, which makes it",
)
CONSUMER_MISSING = Cause(
    "BROKER_CONSUMER_MISSING",
    "NATS 中缺少本服务的消费者：请重新运行 set-up（或 comity up）来创建",
    "a consumer of this service is not on NATS: run set-up (or comity up) again, which makes it",
)
FULL = Cause(
    "BROKER_FULL",
    "NATS 的流或磁盘已满，事件暂存于数据库：请释放空间或提高流的上限",
    "the stream or the store of NATS is full and events wait in the database: free space, or raise the stream's limit",
)

_BY_CODE = {
    10076: WITHOUT_JETSTREAM,  # not enabled
    10039: WITHOUT_JETSTREAM,  # not enabled for this account
    10059: STREAM_MISSING,
    10014: CONSUMER_MISSING,
    10023: FULL,  # insufficient resources
    10047: FULL,  # insufficient storage
    10077: FULL,  # the stream's store refuses: its limit, or the disk's
}
"""By the error codes of the JetStream API."""


def stream_name(service: str) -> str:
    """``court_link`` publishes on the stream ``COURT_LINK``."""
    return service.upper()


def nudge_subject(service: str) -> str:
    """A core-NATS subject that wakes the relay of a service on other replicas."""
    return f"comity.nudge.{service}"


class Broker:
    """A connection with the service's own inbox prefix, kept up for as long as the process lives."""

    def __init__(self, url: str, service: str, ca_file: Path | None) -> None:
        self.service = service
        self.sources: set[str] = set()
        """Whose events are consumed."""
        self._url = url
        self._ca_file = ca_file
        self._client: Client | None = None
        self._failure: Cause | None = None
        self._refusal: Cause | None = None
        self._denied = -DENIED_SECONDS
        self._tried = asyncio.Event()
        self._keeping = asyncio.create_task(self._keep(), name="broker")

    @property
    def client(self) -> Client:
        """Raises ConnectionClosedError while there has been no connection."""
        if self._client is None:
            raise nats.errors.ConnectionClosedError
        return self._client

    @property
    def part(self) -> Part:
        return Part("broker", self.look, self.blames, self.touches, UNREACHABLE)

    async def tried(self) -> None:
        """Returns when it is connected, or was refused, or after ``FIRST_SECONDS``."""
        try:
            async with asyncio.timeout(FIRST_SECONDS):
                await self._tried.wait()
        except TimeoutError:
            pass

    async def close(self) -> None:
        # The client waits by wait_for, which before Python 3.12 can forget that it was told to stop.
        while not self._keeping.done():
            self._keeping.cancel()
            await asyncio.wait([self._keeping], timeout=_CLOSE_SECONDS)

    async def look(self) -> Cause | None:
        """What is wrong now. Raises nats.errors.Error."""
        if self._client is None or not self._client.is_connected:
            return self._failure or UNREACHABLE
        try:
            await asyncio.gather(*map(self._ask, self._needed()))
        except TimeoutError:
            return RIGHT_MISSING if self._is_denied() else UNREACHABLE
        return RIGHT_MISSING if self._is_denied() else self._refusal

    def blames(self, error: BaseException) -> Cause | None:
        """What a failure tells."""
        if isinstance(error, APIError) and error.err_code in _BY_CODE:
            return _BY_CODE[error.err_code]
        if isinstance(error, nats.errors.NoRespondersError):
            return WITHOUT_JETSTREAM
        if isinstance(error, NoStreamResponseError):
            return STREAM_MISSING
        return UNREACHABLE if isinstance(error, nats.errors.Error) else None

    def touches(self, error: BaseException) -> bool:
        """Whether it may come from the broker. That a stream refuses events is remembered until it ``accepts`` some."""
        if self.blames(error) == FULL:
            self._refusal = FULL
        return isinstance(error, nats.errors.Error | ConnectionError)

    def accepts(self) -> None:
        """The stream takes events, or there are none that it must take from here."""
        self._refusal = None

    def _needed(self) -> list[str]:
        """What a service is permitted to ask of what it needs."""
        consumers = [f"CONSUMER.INFO.{stream_name(source)}.{self.service}" for source in sorted(self.sources)]
        return ["INFO", f"STREAM.INFO.{stream_name(self.service)}", *consumers]

    async def _ask(self, subject: str) -> None:
        message = await self.client.request(f"$JS.API.{subject}", b"", timeout=_ASK_SECONDS)
        if error := json.loads(message.data).get("error"):
            raise APIError(**error)

    def _is_denied(self) -> bool:
        return time.monotonic() - self._denied < DENIED_SECONDS

    async def _keep(self) -> None:
        """Connects. The client reconnects by itself, but one whose user was taken away it closes for good."""
        while True:
            try:
                await self._stay_connected()
            except Exception as error:  # whatever it is: who gave up here would be without its broker for good
                await self._failed(error)
                await asyncio.sleep(1)

    async def _stay_connected(self) -> None:
        """Connects, and returns when the client has closed."""
        client, options = client_for(self._url, self._ca_file)
        closed = asyncio.Event()

        async def over() -> None:
            closed.set()

        try:
            await client.connect(
                self._url,
                **options,
                name=self.service,
                inbox_prefix=f"_INBOX.{self.service}".encode(),
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.25,  # type: ignore[arg-type]  # it is only slept for
                error_cb=self._failed,
                reconnected_cb=self._connected,
                closed_cb=over,
                ping_interval=PING_SECONDS,
                pending_size=16 * 1024 * 1024,
            )
            self._client = client
            await self._connected()
            await closed.wait()
        finally:
            await client.close()

    async def _connected(self) -> None:
        self._failure = None
        self._tried.set()

    async def _failed(self, error: Exception) -> None:
        """What happens to the connection is shown by the next look; a server's words are not logged."""
        said = str(error).lower()
        if "permissions violation" in said:
            self._denied = time.monotonic()
        else:
            self._failure = UNTRUSTED if isinstance(error, _UNTRUSTED) else _refusal(said)
            self._tried.set()


def _refusal(said: str) -> Cause:
    return PASSWORD_WRONG if "authorization" in said or "authentication" in said else UNREACHABLE


async def connect(url: str, service: str, ca_file: Path | None = None) -> Broker:
    """Connects, or goes on trying to. ``ca_file``: see ``encryption``."""
    broker = Broker(url, service, ca_file)
    await broker.tried()
    return broker
