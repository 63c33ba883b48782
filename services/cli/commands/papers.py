"""``comity papers``: a sample of every paper, to be looked at beside the official forms."""

from pathlib import Path

import click

from services.common.papers.samples import samples


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def papers(folder: Path) -> None:
    """Writes a sample (样本) of every kind of paper into FOLDER: the Chinese paper, in large print, and its translation."""
    folder.mkdir(parents=True, exist_ok=True)
    for sample in samples():
        for form, content in (("zh", sample.chinese), ("large", sample.large), ("en", sample.english)):
            (folder / f"{sample.name}.{form}.pdf").write_bytes(content)
        click.echo(f"{sample.name}: {sample.kind.title_zh} ({sample.kind.title_en}), {sample.kind.source}")
