"""Short questions to a running process: does it listen, does it serve."""

import asyncio

import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from deploy.local.ports import LOOPBACK

_SECONDS = 2.0


async def listens(port: int) -> bool:
    """Whether something accepts connections on the loopback port."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(LOOPBACK, port), _SECONDS)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def serves(port: int) -> bool:
    """Whether the gRPC server on the loopback port says SERVING (the standard health service)."""
    async with grpc.aio.insecure_channel(f"{LOOPBACK}:{port}") as channel:
        try:
            answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=_SECONDS)
        except grpc.aio.AioRpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
