"""Contributions that come with core. Declares only; nothing heavy is imported here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import (
    Executor,
    Extractor,
    Harvester,
    Notifier,
    PreviewGenerator,
    SampleFile,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Executor as FuturesExecutor
    from pathlib import Path

    from PIL.Image import Image

    from nexuslims_core.builtin.notify.settings import EmailSettings, WebhookSettings
    from nexuslims_core.builtin.settings import (
        DatabaseSettings,
        InlineSettings,
        ProcessSettings,
    )
    from nexuslims_core.types import (
        DataFile,
        Dataset,
        Extraction,
        RunReport,
        Site,
        Source,
    )


@hookimpl
def nexuslims_harvesters() -> Iterable[Harvester]:
    """Sessions that were logged straight into the database."""
    from nexuslims_core.builtin.settings import DatabaseSettings

    yield Harvester(
        name="database", settings=DatabaseSettings, connect=_connect_database
    )


@hookimpl
def nexuslims_extractors() -> Iterable[Extractor]:
    """Readers of images of no vendor, and of what is known of any file."""
    yield Extractor(
        name="image_file_extractor",
        extensions=frozenset({"png", "jpg", "jpeg", "tif", "tiff", "bmp", "gif"}),
        # A fallback: whoever knows the microscope's software says more.
        priority=20,
        supports=_is_picture,
        extract=_extract_picture,
        formats={
            "TIFF, ImageJ TIFF, OME-TIFF": ("tif", "tiff"),
            "PNG": ("png",),
            "JPEG": ("jpg", "jpeg"),
            "GIF": ("gif",),
            "Windows bitmap": ("bmp",),
        },
    )
    yield Extractor(
        name="basic_file_info_extractor",
        extensions=None,
        priority=0,
        extract=_extract_file_info,
    )


@hookimpl
def nexuslims_preview_generators() -> Iterable[PreviewGenerator]:
    """Images from arrays or image files, and pages of text."""
    yield PreviewGenerator(
        name="image_preview",
        priority=100,
        supports=_is_image,
        render=_render_image,
    )
    yield PreviewGenerator(
        name="text_preview", priority=100, supports=_is_text, render=_render_text
    )


@hookimpl
def nexuslims_executors() -> Iterable[Executor]:
    """Worker processes, and none at all."""
    from nexuslims_core.builtin.settings import InlineSettings, ProcessSettings

    yield Executor(
        name="process",
        settings=ProcessSettings,
        create=_create_pool,
        prepare=_prepare_pool,
    )
    yield Executor(name="inline", settings=InlineSettings, create=_create_inline)


@hookimpl
def nexuslims_notifiers() -> Iterable[Notifier]:
    """E-mail, and any program that listens for JSON."""
    from nexuslims_core.builtin.notify.settings import EmailSettings, WebhookSettings

    yield Notifier(
        name="email",
        settings=EmailSettings,
        notify=_send_mail,
        check=_try_mail_server,
    )
    yield Notifier(name="webhook", settings=WebhookSettings, notify=_post_webhook)


@hookimpl
def nexuslims_sample_files() -> Iterable[SampleFile]:
    """Pictures and a log that need no vendor package."""
    yield SampleFile(
        name="grey-png", filename="overview.png", write=_write_micrograph_png
    )
    yield SampleFile(
        name="grey-tiff", filename="particles.tif", write=_write_particles_tiff
    )
    yield SampleFile(
        name="text-log", filename="session notes.txt", write=_write_text_log
    )


def _connect_database(_settings: DatabaseSettings, _site: Site) -> Source:
    from nexuslims_core.builtin.database import DatabaseSource

    return DatabaseSource()


def _is_picture(file: DataFile) -> bool:
    from nexuslims_core.builtin.pictures.extract import supports

    return supports(file)


def _extract_picture(file: DataFile) -> Extraction:
    from nexuslims_core.builtin.pictures.extract import extract

    return extract(file)


def _extract_file_info(file: DataFile) -> Extraction:
    from nexuslims_core.builtin.fallback import extract

    return extract(file)


def _is_image(dataset: Dataset) -> bool:
    from nexuslims_core.previews import supports_image

    return supports_image(dataset)


def _render_image(dataset: Dataset) -> Image:
    from nexuslims_core.previews import render_image

    return render_image(dataset)


def _is_text(dataset: Dataset) -> bool:
    from nexuslims_core.previews import supports_text

    return supports_text(dataset)


def _render_text(dataset: Dataset) -> Image:
    from nexuslims_core.previews import render_text

    return render_text(dataset)


def _create_pool(
    settings: ProcessSettings, workers: int, timeout: float
) -> FuturesExecutor:
    from nexuslims_core.builtin.executors import ProcessExecutor
    from nexuslims_core.builtin.workers.memory import default_mb

    memory_mb = settings.memory_mb
    if memory_mb is None:
        memory_mb = default_mb(workers)
    return ProcessExecutor(workers=workers, timeout=timeout, memory_mb=memory_mb)


def _prepare_pool(modules: Sequence[str]) -> None:
    from nexuslims_core.builtin.workers.link import prepare

    prepare(modules)


def _create_inline(
    _settings: InlineSettings, _workers: int, _timeout: float
) -> FuturesExecutor:
    from nexuslims_core.builtin.executors import InlineExecutor

    return InlineExecutor()


def _send_mail(settings: EmailSettings, report: RunReport, site: Site) -> None:
    from nexuslims_core.builtin.notify.mail import notify

    notify(settings, report, site)


def _try_mail_server(settings: EmailSettings, site: Site) -> None:
    from nexuslims_core.builtin.notify.smtp import check

    check(settings, site)


def _post_webhook(settings: WebhookSettings, report: RunReport, site: Site) -> None:
    from nexuslims_core.builtin.notify.webhook import notify

    notify(settings, report, site)


def _write_micrograph_png(path: Path) -> None:
    from nexuslims_core.builtin.samples import write_micrograph_png

    write_micrograph_png(path)


def _write_particles_tiff(path: Path) -> None:
    from nexuslims_core.builtin.samples import write_particles_tiff

    write_particles_tiff(path)


def _write_text_log(path: Path) -> None:
    from nexuslims_core.builtin.samples import write_text_log

    write_text_log(path)
