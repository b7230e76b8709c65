"""The hooks of NexusLIMS: everything that a plugin can add.

A plugin is a module with functions that carry the names below and the mark `hookimpl`.
A distribution names its module in the entry-point group ``nexuslims``:

.. code-block:: toml

    [project.entry-points.nexuslims]
    acme = "nexuslims_extractors_acme.plugin"

All hooks take no argument and yield contributions. They are called when those are first
needed, often just to show help, so the module must import nothing heavy; the callables
of a contribution import what they need when they are called. An exception in a hook, at
import or later costs only the contributions of that plugin: ``nexuslims plugins list``
reports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nexuslims_core.types import (
        Command,
        Executor,
        ExportDestination,
        Extractor,
        Harvester,
        InstrumentProfile,
        Notifier,
        PreviewGenerator,
        SampleFile,
    )

hookspec = pluggy.HookspecMarker("nexuslims")


@hookspec
def nexuslims_harvesters() -> Iterable[Harvester]:
    """Yield kinds of schedulers that know who used which instrument when.

    `Harvester.connect` is called once per configured server and run; the methods of the
    source it returns may raise `SourceError`, `NoConsentError`, `NoReservationError`.

    Examples
    --------
    >>> from nexuslims_core import hookimpl
    >>> from nexuslims_core.plugin_settings import PluginSettings
    >>> from nexuslims_core.types import Harvester
    >>> class PaperSettings(PluginSettings):
    ...     env_prefix = "NX_PAPER_"
    >>> def connect(settings, site):
    ...     from acme.paper import PaperLog
    ...
    ...     return PaperLog(site.instruments)
    >>> @hookimpl
    ... def nexuslims_harvesters():
    ...     yield Harvester(name="paper", settings=PaperSettings, connect=connect)
    """
    return ()


@hookspec
def nexuslims_extractors() -> Iterable[Extractor]:
    """Yield readers of file formats.

    `Extractor.supports` and `Extractor.extract` run in worker processes.
    `ExtractionError` from `extract` is the declared failure: the next extractor that
    supports the file is tried, and the dataset says what failed.

    Examples
    --------
    >>> from nexuslims_core import hookimpl
    >>> from nexuslims_core.types import Dataset, Extraction, Extractor, quantity
    >>> def read(file):
    ...     volts = file.head.split(b"=")[1].decode()
    ...     fields = {"acceleration_voltage": quantity(volts, "V")}
    ...     return Extraction(
    ...         datasets=(
    ...             Dataset(
    ...                 file=file,
    ...                 dataset_type="Image",
    ...                 data_type="SEM_Imaging",
    ...                 fields=fields,
    ...             ),
    ...         )
    ...     )
    >>> @hookimpl
    ... def nexuslims_extractors():
    ...     yield Extractor(name="acme", extensions=frozenset({"acm"}), extract=read)
    """
    return ()


@hookspec
def nexuslims_preview_generators() -> Iterable[PreviewGenerator]:
    """Yield renderers of previews.

    For each dataset the supporting generator of highest priority is asked; if it
    raises, the next. They run in worker processes.

    Examples
    --------
    >>> from nexuslims_core import hookimpl
    >>> from nexuslims_core.types import PreviewGenerator
    >>> def render(dataset):
    ...     from PIL import Image
    ...
    ...     return Image.new("RGB", (500, 500), "white")
    >>> @hookimpl
    ... def nexuslims_preview_generators():
    ...     yield PreviewGenerator(
    ...         name="blank",
    ...         render=render,
    ...         supports=lambda dataset: dataset.preview is None,
    ...     )
    """
    return ()


@hookspec
def nexuslims_instrument_profiles() -> Iterable[InstrumentProfile]:
    """Yield adjustments for single instruments; applied after extraction.

    Each step is isolated: one that raises is skipped, and the dataset says so.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from nexuslims_core import hookimpl
    >>> from nexuslims_core.types import InstrumentProfile
    >>> def distrust(dataset):
    ...     return replace(dataset, flagged=(*dataset.flagged, ("Operator",)))
    >>> @hookimpl
    ... def nexuslims_instrument_profiles():
    ...     yield InstrumentProfile(
    ...         name="our-sem",
    ...         instrument_id="SEM-1",
    ...         parsers={"operator": distrust},
    ...         extension_fields={"Facility": "Nexus"},
    ...     )
    """
    return ()


@hookspec
def nexuslims_export_destinations() -> Iterable[ExportDestination]:
    """Yield kinds of repositories that records are published to.

    `ExportDestination.connect` is called once per configured instance and run. The
    destination's `export` may raise `ExportError`.

    Examples
    --------
    >>> from nexuslims_core import hookimpl
    >>> from nexuslims_core.plugin_settings import PluginSettings
    >>> from nexuslims_core.types import ExportDestination
    >>> class ShareSettings(PluginSettings):
    ...     env_prefix = "NX_SHARE_"
    ...     folder: str
    >>> def connect(settings, site):
    ...     from acme.share import Share
    ...
    ...     return Share(settings.folder)
    >>> @hookimpl
    ... def nexuslims_export_destinations():
    ...     yield ExportDestination(
    ...         name="share", settings=ShareSettings, connect=connect
    ...     )
    """
    return ()


@hookspec
def nexuslims_executors() -> Iterable[Executor]:
    """Yield ways to run extraction in parallel; ``NX_EXECUTOR`` names the one used.

    Examples
    --------
    >>> from nexuslims_core import hookimpl
    >>> from nexuslims_core.plugin_settings import PluginSettings
    >>> from nexuslims_core.types import Executor
    >>> class ThreadSettings(PluginSettings):
    ...     env_prefix = "NX_THREADS_"
    >>> def create(settings, workers, timeout):
    ...     from concurrent.futures import ThreadPoolExecutor
    ...
    ...     return ThreadPoolExecutor(workers)
    >>> @hookimpl
    ... def nexuslims_executors():
    ...     yield Executor(name="threads", settings=ThreadSettings, create=create)
    """
    return ()


@hookspec
def nexuslims_notifiers() -> Iterable[Notifier]:
    r"""Yield ways to tell people what a run did; called at its end if there is news.

    Examples
    --------
    >>> from nexuslims_core import hookimpl
    >>> from nexuslims_core.plugin_settings import PluginSettings
    >>> from nexuslims_core.types import Notifier
    >>> class BellSettings(PluginSettings):
    ...     env_prefix = "NX_BELL_"
    >>> def ring(settings, report, site):
    ...     if report.changes.new:
    ...         print("\a")
    >>> @hookimpl
    ... def nexuslims_notifiers():
    ...     yield Notifier(name="bell", settings=BellSettings, notify=ring)
    """
    return ()


@hookspec
def nexuslims_commands() -> Iterable[Command]:
    """Yield sub-commands of ``nexuslims``.

    Examples
    --------
    >>> from nexuslims_core import hookimpl
    >>> from nexuslims_core.types import Command
    >>> def load():
    ...     import click
    ...
    ...     return click.Command("hello", callback=lambda: click.echo("hello"))
    >>> @hookimpl
    ... def nexuslims_commands():
    ...     yield Command(name="hello", load=load, help="Greet the operator.")
    """
    return ()


@hookspec
def nexuslims_sample_files() -> Iterable[SampleFile]:
    """Yield small sample files that ``nexuslims demo`` and conformance tests write.

    Examples
    --------
    >>> from nexuslims_core import hookimpl
    >>> from nexuslims_core.types import SampleFile
    >>> def write(path):
    ...     path.write_bytes(b"HV=15000")
    >>> @hookimpl
    ... def nexuslims_sample_files():
    ...     yield SampleFile(name="acme", filename="grain boundary.acm", write=write)
    """
    return ()
