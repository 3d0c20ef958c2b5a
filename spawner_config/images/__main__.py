"""``python -m spawner_config.images names|build|load|push [IMAGE...]``: what ``make images`` runs."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import click

from spawner_config.images.build import BuildError, Workshop
from spawner_config.images.recipes import PREFIX, RECIPES, USUAL, image_name


@click.command()
@click.argument("step", type=click.Choice(["names", "build", "load", "push"]))
@click.argument("images", nargs=-1, type=click.Choice(sorted(RECIPES)))
@click.option("--note", type=click.Path(path_type=Path), default=None, help="JSON file to note the names in.")
def main(step: str, images: tuple[str, ...], note: Path | None) -> None:
    """Name, build, load or push images. 이미지의 이름을 보이거나, 만들거나, 클러스터 노드에 올립니다."""
    chosen = images or USUAL
    if step == "names":
        prefix = os.environ.get("AXCAMPUS_IMAGE_PREFIX") or PREFIX
        click.echo(json.dumps({name: image_name(RECIPES[name], prefix) for name in chosen}, indent=2))
        return
    try:
        workshop = Workshop.of(os.environ)
        made = {name: _make(workshop, name, step) for name in chosen}
    except BuildError as error:
        raise click.ClickException(str(error)) from error
    if note is not None:
        known = json.loads(note.read_text()) if note.is_file() else {}
        note.parent.mkdir(exist_ok=True)
        note.write_text(json.dumps(known | made, indent=2))


def _make(workshop: Workshop, name: str, step: str) -> str:
    began = time.monotonic()
    image = workshop.ensure(RECIPES[name])
    if step == "load":
        workshop.ensure_on_nodes(image)
    if step == "push":
        workshop.push(image)
    click.echo(f"{image}  {time.monotonic() - began:.1f} s")
    return image


if __name__ == "__main__":
    main()
