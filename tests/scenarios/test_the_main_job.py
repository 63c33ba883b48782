"""One case from filing to a sealed ruling, through the public APIs of all services."""

from tests.scenarios.conftest import Town


async def test_a_complaint_becomes_a_confirmed_settlement(town: Town) -> None:
    papers = await town.journey("main").to_ruling()
    assert papers.agreement.startswith(b"%PDF")
    assert papers.session_record.startswith(b"%PDF")
    assert papers.ruling.startswith(b"%PDF")
    assert papers.terms.startswith(b"{")
