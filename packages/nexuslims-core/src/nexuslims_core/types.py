"""Types of the plugin interface: what hooks yield, and the values those speak in.

Everything here is a frozen, keyword-only dataclass or a protocol; importing this module
imports no numerical, database or network library.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from nexuslims_core.model.delivery import Action, ExportContext, ExportResult
from nexuslims_core.model.facility import (
    Instrument,
    Person,
    Project,
    Reservation,
    Sample,
    Session,
    Window,
)
from nexuslims_core.model.files import (
    Annotation,
    Axis,
    DataFile,
    Dataset,
    DatasetType,
    Extraction,
    PreviewSource,
)
from nexuslims_core.model.record import (
    Activity,
    DatasetEntry,
    MetaValue,
    Record,
    RecordSample,
)
from nexuslims_core.model.report import (
    Changes,
    HarvestReport,
    Problem,
    RunReport,
    SessionReport,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Executor as FuturesExecutor
    from pathlib import Path

    import click
    import pint
    from PIL.Image import Image

    from nexuslims_core.plugin_settings import PluginSettings

__all__ = [
    "Action",
    "Activity",
    "Annotation",
    "Axis",
    "Changes",
    "Command",
    "DataFile",
    "Dataset",
    "DatasetEntry",
    "DatasetType",
    "Destination",
    "Executor",
    "ExportContext",
    "ExportDestination",
    "ExportResult",
    "Extraction",
    "Extractor",
    "HarvestProblem",
    "HarvestReport",
    "Harvester",
    "Instrument",
    "InstrumentProfile",
    "MetaValue",
    "Notifier",
    "Person",
    "PreviewGenerator",
    "PreviewSource",
    "Problem",
    "Project",
    "Record",
    "RecordSample",
    "Reservation",
    "RunReport",
    "Sample",
    "SampleFile",
    "Session",
    "SessionReport",
    "Site",
    "Source",
    "Window",
    "Withdrawing",
    "quantity",
]


def quantity(value: float | str, unit: str) -> pint.Quantity[Any]:
    """Return `value` with `unit`, in the unit registry that the schema uses.

    Parameters
    ----------
    value
        A number, or text that `float` understands.
    unit
        Any unit that Pint knows, e.g. ``"kV"``; plus ``"kX"`` for magnifications.

    Raises
    ------
    ValueError
        If `value` is no number.
    pint.UndefinedUnitError
        If `unit` is unknown.
    """
    from nexuslims_core.model.units import named, registry

    return registry().Quantity(float(value), named(unit))


@dataclass(frozen=True, kw_only=True)
class Site:
    """The installation that a plugin serves: paths and instruments, no secrets."""

    instrument_data_path: Path
    """Root of the instruments' files. Read-only."""
    data_path: Path
    """Root of what NexusLIMS writes."""
    records_path: Path
    """Folder of XML records."""
    instruments: tuple[Instrument, ...] = ()
    """All instruments of the facility."""
    tls_verify: bool = True
    """False when the operator switched certificate checks off."""
    ca_bundle: str = ""
    """Extra certificates of trusted authorities, PEM."""


@dataclass(frozen=True, kw_only=True)
class HarvestProblem:
    """One entry of a scheduler that could not be used; the others still are."""

    message: str
    """What is wrong with it, and what to do."""
    reference: str = ""
    """URL or identifier of the entry."""


class Source(Protocol):
    """A connected scheduler."""

    def serves(self, instrument: Instrument) -> bool:
        """Tell whether this scheduler holds the sessions of `instrument`."""

    def check(self) -> None:
        """Raise `SourceError` if the scheduler cannot be used; otherwise nothing."""

    def sessions(self, window: Window) -> Iterable[Session | HarvestProblem]:
        """Yield the ended sessions that overlap `window`, on instruments it serves.

        Raises
        ------
        SourceError
            If the scheduler cannot be asked at all.
        """

    def reservation(self, session: Session) -> Reservation:
        """Return what the scheduler knows about `session`.

        Raises
        ------
        NoConsentError
            If the user did not consent to a record.
        NoReservationError
            If nothing describes the session.
        SourceError
            If the scheduler cannot be asked.
        """


class Destination(Protocol):
    """A connected repository."""

    def validate_config(self) -> None:
        """Raise `ConfigurationError` if records could not be delivered as configured.

        Called once, before a run. An unreachable server is an `ExportError`.
        """

    def export(self, context: ExportContext) -> ExportResult:
        """Deliver a record; called again for the same session after any failure.

        Look before you post: find the record that an earlier call made for this
        session, whether or not its answer arrived, and update it.

        Raises
        ------
        ExportError
            If the destination did not take the record.
        """


@runtime_checkable
class Withdrawing(Protocol):
    """A destination that can take a record back; others need not have this."""

    def withdraw(self, context: ExportContext) -> ExportResult:
        """Remove the session's record, or hide it where nothing can be removed.

        Find it as `Destination.export` does, whether or not its answer ever arrived;
        finding none is a success, with the action ``unchanged``. Otherwise the action
        is ``withdrawn``, and what stays behind is said in sentences, as a list under
        ``remains`` in the result's metadata.

        Raises
        ------
        ExportError
            If the destination could not be asked, or refused.
        """


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What every contribution has."""

    name: str
    """Unique among contributions of its kind; lower case, as in ``my_format``."""


@dataclass(frozen=True, kw_only=True)
class Harvester(Contribution):
    """Knows a kind of scheduler. `instruments.harvester` holds its `name`."""

    settings: type[PluginSettings]
    """One instance of it is one server; see `PluginSettings`."""
    connect: Callable[[Any, Site], Source]
    """Called with validated settings; imports what it needs; does no I/O yet."""


@dataclass(frozen=True, kw_only=True)
class Extractor(Contribution):
    """Reads one or more file formats.

    Of the extractors that list a file's extension, those with higher `priority` are
    asked first whether they support the file. 0–49: fallback, 50–149: by extension,
    150–249: by looking inside, 250 and up: override.
    """

    extensions: frozenset[str] | None
    """Lower-case extensions without dot; `None` for any file."""
    priority: int = 100
    supports: Callable[[DataFile], bool] = field(default=lambda _file: True)
    """Whether the file is of this format; may look at `DataFile.head`."""
    extract: Callable[[DataFile], Extraction]
    """Reads the file, once. Raises `ExtractionError` for a file it cannot read."""
    formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the formats as people know them, each with its extensions, for the table
    of supported formats.
    """
    version: str = "1"
    """Raise it when the output changes: stored side-cars are then made anew."""
    imports: tuple[str, ...] = ()
    """Modules that it imports to read a file, if they take long and it is used often:
    workers may import them before there is a file.
    """


@dataclass(frozen=True, kw_only=True)
class PreviewGenerator(Contribution):
    """Draws previews of some kinds of datasets."""

    priority: int = 100
    supports: Callable[[Dataset], bool]
    render: Callable[[Dataset], Image]
    """Returns an image of about 500×500 pixels. Raises `PreviewError`."""


@dataclass(frozen=True, kw_only=True)
class InstrumentProfile(Contribution):
    """Adjusts what extractors found, for one instrument; applied to every format."""

    instrument_id: str
    """`Instrument.pid` that it is for; ``*`` for every instrument."""
    parsers: Mapping[str, Callable[[Dataset], Dataset]] = field(default_factory=dict)
    """Named steps, run in order; each returns a changed copy of the dataset."""
    transformations: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """Functions for single raw groups, by their name; run after the parsers."""
    extension_fields: Mapping[str, Any] = field(default_factory=dict)
    """Values added to every dataset's extensions."""


@dataclass(frozen=True, kw_only=True)
class ExportDestination(Contribution):
    """A kind of repository. Higher `priority` is served first."""

    priority: int = 50
    settings: type[PluginSettings]
    connect: Callable[[Any, Site], Destination]
    """Called with validated settings; imports what it needs; does no I/O yet."""


@dataclass(frozen=True, kw_only=True)
class Executor(Contribution):
    """A way to run extraction in parallel; chosen by `NX_EXECUTOR`."""

    settings: type[PluginSettings]
    create: Callable[[Any, int, float], FuturesExecutor]
    """Called with validated settings, the number of workers (`NX_WORKERS`), and the
    seconds after which a task should be given up (`NX_FILE_TIMEOUT_SECONDS`). If what
    it returns has a method ``warm(task, workers)``, it is called as soon as there are
    files to read: so many workers at most should do the task, which imports libraries.
    """
    prepare: Callable[[Sequence[str]], object] | None = None
    """Called by a run that has schedulers to ask, before it does, with the names of
    modules that extractors import: begins what takes a while and needs no files, and
    does not wait for it.
    """


@dataclass(frozen=True, kw_only=True)
class Notifier(Contribution):
    """Tells people what a run did, when there is something new to tell.

    It is called after a run with problems that it was not told of before, after one
    without problems that it was told of, and once a day while problems continue:
    `RunReport.changes` says which. What it raises is told again by the next run.
    """

    settings: type[PluginSettings]
    notify: Callable[[Any, RunReport, Site], None]
    """Called with validated settings and the report."""
    check: Callable[[Any, Site], None] | None = None
    """Called with validated settings by ``nexuslims check``: tries as much as it can
    without telling anybody anything, and raises what `notify` would.
    """


@dataclass(frozen=True, kw_only=True)
class Command(Contribution):
    """A sub-command of `nexuslims`."""

    load: Callable[[], click.Command]
    """Imports and returns the command; called when it is used or listed."""
    help: str = ""
    """One line for `nexuslims --help`."""


@dataclass(frozen=True, kw_only=True)
class SampleFile(Contribution):
    """A small file of a format, made by a writer of ours: for `demo` and tests."""

    filename: str
    """Name to give it, with extension."""
    write: Callable[[Path], None]
    """Writes the sample to the given path."""
