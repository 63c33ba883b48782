"""Short questions to a running process: does it listen, does it serve."""

import asyncio

import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from deploy.local.ports import LOOPBACK
from services.common.rpc.not_ready import NOT_READY_KEY

_SECONDS = 2.0


async def listens(port: int) -> bool:
    """Whether something accepts connections on the loopback port."""
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(LOOPBACK, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def serves(port: int) -> bool:
    """Whether the gRPC server on the loopback port says SERVING (the standard health service)."""
    return await trouble(port) is None


async def trouble(port: int) -> str | None:
    """Why the gRPC server on the loopback port does not serve, in its own words; None while it says SERVING."""
    async with grpc.aio.insecure_channel(f"{LOOPBACK}:{port}") as channel:
        call = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=_SECONDS)
        try:
            answer = await call
            metadata = await call.trailing_metadata()
        except grpc.aio.AioRpcError:
            return "no answer"
    if answer.status == health_pb2.HealthCheckResponse.SERVING:
        return None
    return (
        "; ".join(str(value) for key, value in metadata or () if key == NOT_READY_KEY) or "it is starting or stopping"
    )
