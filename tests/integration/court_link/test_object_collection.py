"""Court link's object store: agreements, supplements and rulings stay, a text nobody signed is forgotten."""

from datetime import timedelta
from pathlib import Path

from services.common.documents.object_store import ObjectStore
from services.common.storage.object_collection import ObjectCollection
from services.court_link.storage.objects import REFERENCED
from services.court_link.storage.tables import metadata
from tests.integration.court_link.world import XUANWU, World
from tests.kit.objects import make_old, named_in_rows, stored


async def test_what_a_row_names_stays_and_what_none_names_goes(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "objects"
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    asked = {"materials": "财产权利证明", "due_date": "2026-09-10"}
    for person, content in ((sealed.respondent, b"%PDF-one"), (sealed.claimant, b"%PDF-two")):
        application = (await world.desk(bench.clerk, "RequireSupplement", application, **asked)).application
        fields = {"title": "样本 SAMPLE", "content": content}
        application = (await world.desk(person, "SupplyMaterial", application, **fields)).application
    number = {"docket_number": "（2026）样0102民特1号"}
    application = (await world.desk(bench.clerk, "AcceptApplication", application, **number)).application
    application = (
        await world.desk(bench.judge, "HoldInquiry", application, minutes="双方到场,均确认自愿。")
    ).application
    await world.issue(bench.judge, await world.prepared(bench, application))
    decided = await world.in_state(sealed.claimant, application.name, "CONFIRMED")
    orphan = ObjectStore(folder).put(b"orphan")
    before = stored(folder)
    make_old(folder, world.clock.now() - timedelta(days=2))
    async with world.own_database() as database:
        await ObjectCollection(database, ObjectStore(folder), REFERENCED).collect()
    named = await named_in_rows(world.database.superuser_url, metadata)
    assert orphan not in stored(folder)
    assert stored(folder) == before & named
    kinds = {"AGREEMENT": application.name, "TERMS": application.name, "RULING": decided.ruling}
    for document, name in kinds.items():
        assert await world.download(sealed.claimant, name, document)
    assert await world.download(bench.clerk, application.name, "SUPPLEMENT", 0) == b"%PDF-one"
    assert await world.download(bench.clerk, application.name, "SUPPLEMENT", 1) == b"%PDF-two"
