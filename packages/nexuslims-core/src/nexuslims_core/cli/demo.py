"""`nexuslims demo`."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nexuslims_core.cli.context import Configuration
from nexuslims_core.cli.exits import Exit
from nexuslims_core.cli.output import our_stdout
from nexuslims_core.cli.progress import shown_progress
from nexuslims_core.cli.run import print_report, run_facility
from nexuslims_core.model.facility import (
    Instrument,
    Person,
    Project,
    Reservation,
    Sample,
    Session,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nexuslims_core.store import Store
    from nexuslims_core.types import RunReport, SampleFile

MARK = "# Made by `nexuslims demo`"
"""First line of the settings of a demonstration, by which it knows its own folder."""

COPIES = 3
"""How often each sample file is taken in a session."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A session of the demonstration."""

    identifier: str
    pid: str
    day: int
    """Days before today."""
    hours: tuple[int, int]
    user: Person
    title: str
    purpose: str
    samples: tuple[Sample, ...]
    project: str


INSTRUMENTS = (
    Instrument(
        pid="DEMO-SEM",
        display_name="Demo SEM",
        location="Building 1, room 101",
        filestore_path="SEM",
        timezone="Europe/Berlin",
        harvester="database",
        api_url="database:DEMO-SEM",
    ),
    Instrument(
        pid="DEMO-TEM",
        display_name="Demo TEM",
        location="Building 1, room 102",
        filestore_path="TEM",
        timezone="Europe/Berlin",
        harvester="database",
        api_url="database:DEMO-TEM",
    ),
)

VISITS = (
    Visit(
        identifier="demo-sem-fracture",
        pid="DEMO-SEM",
        day=4,
        hours=(9, 12),
        user=Person(username="ada", first_name="Ada", last_name="Lindqvist"),
        title="Fracture surfaces of a forged steel",
        purpose="Find where the cracks start, and whether inclusions are involved.",
        samples=(
            Sample(name="Charpy bar 7", elements=("C", "Mn", "Fe")),
            Sample(name="Charpy bar 8", elements=("C", "Mn", "Fe")),
        ),
        project="STEEL-12",
    ),
    Visit(
        identifier="demo-sem-powder",
        pid="DEMO-SEM",
        day=3,
        hours=(13, 15),
        user=Person(username="tomo", first_name="Tomo", last_name="Ishii"),
        title="Particle sizes of a ceramic powder",
        purpose="",
        samples=(Sample(name="Powder lot 31", elements=("O", "Al")),),
        project="CERAMICS-3",
    ),
    Visit(
        identifier="demo-tem-foil",
        pid="DEMO-TEM",
        day=3,
        hours=(10, 16),
        user=Person(username="ada", first_name="Ada", last_name="Lindqvist"),
        title="Twins in a Ni–Ti shape-memory foil",
        purpose="Compare twin widths <before> & after 100 cycles.",
        samples=(Sample(name="Foil B", elements=("Ti", "Ni")),),
        project="ALLOYS-5",
    ),
)


@click.command()
@click.argument(
    "folder",
    metavar="[DIR]",
    default="nexuslims-demo",
    type=click.Path(file_okay=False, path_type=Path),
)
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@click.pass_context
def demo(ctx: click.Context, folder: Path, *, quiet: bool) -> int:
    """Run everything on made-up instruments and files, to look at.

    Makes the folder DIR (default: nexuslims-demo) with instruments, sample files
    and sessions, and runs `nexuslims run` on them. Any other NexusLIMS configuration
    is left out of it. Afterwards, `cd DIR` and try the other commands there.
    """
    home = folder.absolute()
    env_file = _prepare(home)
    chosen = Configuration(
        env_file=env_file,
        no_plugins=bool(ctx.find_root().params.get("no_plugins")),
        ambient=False,
    )
    with chosen.store(create=True) as store:
        known = {one.pid for one in store.instruments()}
        for instrument in INSTRUMENTS:
            if instrument.pid not in known:
                store.add_instrument(instrument)
        logged = {one.identifier for one in store.list_sessions()}
        new = [one for one in _sessions() if one.identifier not in logged]
        _write_files(new, home, chosen.manager.sample_files.values())
        for session in new:
            store.record_session(session)
    with our_stdout(), shown_progress(quiet=quiet) as progress:
        outcome = run_facility(chosen, None, progress)
    if isinstance(outcome, Exit):
        return outcome
    print_report(outcome)
    with chosen.store() as store:
        pages = _pages(store)
    return _conclude(outcome, pages, home)


def _prepare(home: Path) -> Path:
    env_file = home / ".env"
    if not _is_free(home, env_file):
        msg = f"{home} holds something else already; choose a new or an empty folder"
        raise click.UsageError(msg)
    for name in ("instrument-data", "data"):
        (home / name).mkdir(parents=True, exist_ok=True)
    settings = {
        "NX_INSTRUMENT_DATA_PATH": home / "instrument-data",
        "NX_DATA_PATH": home / "data",
        "NX_DB_PATH": home / "nexuslims.db",
        "NX_FILE_STRATEGY": "inclusive",
        "NX_FILE_SETTLE_SECONDS": 0,
    }
    lines = [f"{name}={_quoted(str(value))}" for name, value in settings.items()]
    env_file.write_text("\n".join([MARK, *lines, ""]), "utf-8")
    return env_file


def _is_free(home: Path, env_file: Path) -> bool:
    """Tell whether a folder is new, empty, or of an earlier demonstration."""
    if env_file.is_file():
        return env_file.read_bytes().startswith(MARK.encode())
    return not home.exists() or not any(home.iterdir())


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _sessions() -> Iterator[Session]:
    by_pid = {one.pid: one for one in INSTRUMENTS}
    for visit in VISITS:
        instrument = by_pid[visit.pid]
        today = datetime.now(tz=instrument.zone).replace(
            minute=0, second=0, microsecond=0
        )
        start, end = (
            (today - timedelta(days=visit.day)).replace(hour=hour)
            for hour in visit.hours
        )
        details = Reservation(
            internal_id=visit.identifier,
            title=visit.title,
            purpose=visit.purpose,
            user=visit.user,
            start=start,
            end=end,
            samples=visit.samples,
            projects=(Project(project_id=visit.project),),
        )
        yield Session(
            identifier=visit.identifier,
            instrument=instrument,
            start=start,
            end=end,
            user=visit.user.username,
            details=details,
        )


def _write_files(
    sessions: Iterable[Session], home: Path, samples: Iterable[SampleFile]
) -> None:
    """Write each sample a few times over: bursts of files, as at a microscope."""
    written: dict[str, Path] = {}
    for session in sessions:
        root = home / "instrument-data" / session.instrument.filestore_path
        folder = root / session.user / f"{session.start:%Y-%m-%d}"
        folder.mkdir(parents=True, exist_ok=True)
        for moment, sample, copy in _bursts(session, tuple(samples)):
            name = Path(sample.filename)
            path = folder / f"{name.stem} {copy}{name.suffix}"
            if sample.name in written:
                shutil.copyfile(written[sample.name], path)
            else:
                sample.write(path)
                written[sample.name] = path
            os.utime(path, (moment.timestamp(), moment.timestamp()))


def _bursts(
    session: Session, samples: Sequence[SampleFile]
) -> Iterator[tuple[datetime, SampleFile, int]]:
    pause = (session.end - session.start) / (COPIES + 1)
    for copy in range(COPIES):
        for position, sample in enumerate(samples):
            moment = session.start + (copy + 0.5) * pause + timedelta(minutes=position)
            yield moment, sample, copy + 1


def _conclude(outcome: RunReport, pages: Mapping[str, str], home: Path) -> int:
    """Say where to look; that no destination is installed is no failure here."""
    click.echo()
    for destination, page in sorted(pages.items()):
        click.echo(f"Records in {destination + ':':15} {page}")
    if not pages:
        click.echo("For a catalogue to look at: pip install nexuslims-exporter-html")
    click.echo(f"Records as XML:            {home / 'data' / 'records'}")
    click.echo(f"Go on exploring:           cd {home} && nexuslims sessions list")
    good = {"COMPLETED"} if pages else {"BUILT_NOT_EXPORTED"}
    bad = any(one.status not in good for one in outcome.sessions)
    return Exit.FAILED if bad or any(one.error for one in outcome.harvest) else Exit.OK


def _pages(store: Store) -> dict[str, str]:
    """Return an address to look at for every destination."""
    pages: dict[str, str] = {}
    for session in _sessions():
        for name, delivery in store.deliveries(session).items():
            index = delivery.metadata.get("index") or delivery.record_url
            if index:
                pages.setdefault(name, str(index))
    return pages
