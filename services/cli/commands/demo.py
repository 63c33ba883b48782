"""``comity demo``: the main job, from filing to a sealed ruling, once in Chinese and once in English."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click
from comity.identity.v1 import identity_service_pb2 as identity_pb
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from services.cli import visit
from services.cli.addresses import Services, parse_addresses
from services.cli.journey import Journey, Papers
from services.cli.progress import Narrator
from services.cli.sample_cases import CHINESE, ENGLISH
from services.cli.visit import Visit
from services.common.rpc.client import answered


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True)
@click.option("--run", "run", default="", help="Name of the run; the same name goes on where it stopped.")
@click.option(
    "--address",
    multiple=True,
    envvar="COMITY_ADDRESSES",
    help="NAME=HOST:PORT of each service of a suite that already runs.",
)
@click.option(
    "--house",
    "house_file",
    type=click.Path(path_type=Path),
    envvar="COMITY_HOUSE",
    help="house.json that `comity init --sample` wrote.",
)
@click.option(
    "--mail", type=click.Path(path_type=Path), envvar="COMITY_MAIL", help="Folder of the mail catcher of that suite."
)
def demo(folder: Path, run: str, address: tuple[str, ...], house_file: Path | None, mail: Path | None) -> None:
    """Takes one Chinese and one English sample case from filing to a judge's ruling of a sample court."""
    run = run or datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if address:
        if house_file is None or mail is None:
            raise click.UsageError("--address needs --house and --mail as well")
        asyncio.run(_against(parse_addresses(address), house_file, mail, folder, run))
    else:
        asyncio.run(_embedded(folder, run))


async def _embedded(folder: Path, run: str) -> None:
    narrator = Narrator()
    async with visit.embedded(folder / "data", narrator) as visited:
        await _run(visited, narrator, folder, run, mail=folder / "data" / "mail")


async def _against(addresses: dict[str, str], house_file: Path, mail: Path, folder: Path, run: str) -> None:
    narrator = Narrator()
    async with visit.running_elsewhere(addresses, house_file, mail) as visited:
        await _run(visited, narrator, folder, run, mail)


async def _run(visited: Visit, narrator: Narrator, folder: Path, run: str, mail: Path) -> None:
    narrator.say(f"Run {run}. People, cases and court are made up: 样本 SAMPLE.")
    for lane, case in enumerate((CHINESE, ENGLISH)):
        papers = await Journey(visited, case, narrator, run, lane).to_ruling()
        _keep(papers, folder / case.key)
    await _keep_roots(visited.services, folder)
    narrator.save(folder / "timeline.json")
    _say_where(narrator, folder, mail)


def _keep(papers: Papers, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "agreement.pdf").write_bytes(papers.agreement)
    (folder / "session_record.pdf").write_bytes(papers.session_record)
    (folder / "ruling.pdf").write_bytes(papers.ruling)
    (folder / "terms.json").write_bytes(papers.terms)


async def _keep_roots(services: Services, folder: Path) -> None:
    response = await answered(services.identity.GetTrustAnchors(identity_pb.GetTrustAnchorsRequest(), timeout=10))
    certificates = [x509.load_der_x509_certificate(each) for each in response.certificates]
    (folder / "roots.pem").write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in certificates))


def _say_where(narrator: Narrator, folder: Path, mail: Path) -> None:
    narrator.say("")
    narrator.say("Done. Look at:")
    for key in (CHINESE.key, ENGLISH.key):
        narrator.say(f"  {folder / key}: agreement.pdf, session_record.pdf, ruling.pdf, terms.json")
    narrator.say(f"  {folder / 'roots.pem'}: the trusted roots (self-issued 自签)")
    narrator.say(f"  {mail}: every mail that was sent")
    narrator.say(f"  {folder / 'timeline.json'}: what happened when")
    narrator.say(
        f"Check a signature:  comity verify {folder / CHINESE.key / 'agreement.pdf'} --roots {folder / 'roots.pem'}"
    )
