"""`nexuslims extract`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexuslims_core.cli.context import configuration, plugin_manager
from nexuslims_core.cli.exits import Exit
from nexuslims_core.cli.output import our_stdout, print_json
from nexuslims_core.cli.owners import owners
from nexuslims_core.errors import NexusLIMSError

if TYPE_CHECKING:
    from nexuslims_core.extraction import Reading
    from nexuslims_core.manager import PluginManager
    from nexuslims_core.types import Instrument


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE...",
)
@click.option(
    "-i",
    "--instrument",
    metavar="PID",
    help="Read the FILEs as this instrument's: with its time zone and its profiles. "
    "If left out, the one whose folder a FILE is in, where a database tells.",
)
@click.option("--preview", is_flag=True, help="Write FILE.thumb.png beside each FILE.")
@click.option(
    "-p",
    "--preview-path",
    type=click.Path(path_type=Path),
    help="Write the preview of a single file here.",
)
@click.option("--overwrite", is_flag=True, help="Replace existing previews.")
@click.option("--checksum", is_flag=True, help="Add the SHA-256 of each file.")
@click.option("--no-preview", is_flag=True, help="Draw no preview (the default).")
@click.option("--no-metadata", is_flag=True, help="Print no metadata.")
@click.pass_context
def extract(
    ctx: click.Context,
    files: tuple[Path, ...],
    instrument: str | None,
    preview_path: Path | None,
    *,
    preview: bool,
    overwrite: bool,
    checksum: bool,
    no_preview: bool,
    no_metadata: bool,
) -> int:
    """Print the metadata of data files as JSON; needs no configuration.

    The output is one list with an object per signal, `nx_meta` first, then the raw
    metadata of the file. Nothing is written unless a preview is asked for.
    """
    wanted = (preview or preview_path is not None) and not no_preview
    if no_metadata and not wanted:
        msg = "with --no-metadata and no preview there is nothing to do"
        raise click.UsageError(msg)
    if preview_path is not None and len(files) > 1:
        msg = "--preview-path goes with a single file"
        raise click.UsageError(msg)
    manager = plugin_manager(ctx)
    known = owners(configuration(ctx), instrument)
    if known.problem:
        click.echo(f"Instruments are not known: {known.problem}", err=True)
    printed: list[dict[str, Any]] = []
    failed = False
    for path in files:
        try:
            reading = _read(path, known.of(path), manager, checksum=checksum)
        except (NexusLIMSError, OSError) as error:
            click.echo(f"{path}: {error}", err=True)
            failed = True
            continue
        printed += [signal.metadata.as_json() for signal in reading.signals]
        if wanted:
            target = preview_path or path.with_name(f"{path.name}.thumb.png")
            _preview(reading, manager, target, overwrite=overwrite)
    if not no_metadata:
        print_json(printed)
    return Exit.FAILED if failed else Exit.OK


def _read(
    path: Path,
    instrument: Instrument | None,
    manager: PluginManager,
    *,
    checksum: bool,
) -> Reading:
    from nexuslims_core.extraction import read
    from nexuslims_core.model.files import DataFile

    file = DataFile.at(path.absolute(), instrument)
    with our_stdout():
        reading = read(file, manager, checksum=checksum)
    for failure in reading.failures:
        click.echo(f"{path}: {failure}", err=True)
    return reading


def _preview(
    reading: Reading, manager: PluginManager, target: Path, *, overwrite: bool
) -> None:
    from nexuslims_core.extraction import render
    from nexuslims_core.previews.encoding import png

    for index, signal in enumerate(reading.signals):
        path = _numbered(target, index) if len(reading.signals) > 1 else target
        if path.exists() and not overwrite:
            click.echo(f"{path} exists; --overwrite replaces it", err=True)
            continue
        with our_stdout():
            image, problem = render(signal.dataset, manager)
        if image is None:
            click.echo(f"{path}: {problem or 'nothing draws this kind'}", err=True)
            continue
        try:
            path.write_bytes(png(image))
        except OSError as error:
            click.echo(f"{path} cannot be written: {error}", err=True)
            continue
        click.echo(f"Preview: {path}", err=True)


def _numbered(target: Path, index: int) -> Path:
    stem = target.name.removesuffix(".thumb.png").removesuffix(".png")
    return target.with_name(f"{stem}_signal{index}.thumb.png")
