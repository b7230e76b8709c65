"""The text of an entry: what a session was, previews, and the files it left."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape
from nexuslims_core.exporting.summary import session_code, session_facts
from nexuslims_core.exporting.text import web_address

from nexuslims_exporter_labarchives.client import FileToAttach
from nexuslims_exporter_labarchives.gallery import gallery
from nexuslims_exporter_labarchives.identity import (
    CAPTION,
    DUPLICATE,
    mark,
    page_title,
    squashed,
    withdrawal,
)

if TYPE_CHECKING:
    from nexuslims_core.types import ExportContext

    from nexuslims_exporter_labarchives.gallery import Gallery, Picture
    from nexuslims_exporter_labarchives.settings import LabArchivesSettings

__all__ = ["Content", "content_of", "duplicate", "notice"]

PER_ROW = 4
CDCS = "cdcs"
LONGEST_LINE = 2000
"""Characters of a title, name or path that are shown."""
_VERSION_LENGTH = 12


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a page says of a session."""

    title: str
    """Of the page."""
    code: str
    version: str
    """Changes with anything that the page says."""
    html: str
    file: FileToAttach


def content_of(context: ExportContext, settings: LabArchivesSettings) -> Content:
    """Return what the page of a session shall say; the same for the same record."""
    shown = gallery(
        context,
        limit=settings.shown_previews,
        room=1000 * settings.preview_kilobytes,
    )
    body = _rendered(context, shown, settings.listed_files)
    xml = hashlib.sha256(context.xml).hexdigest()
    version = hashlib.sha256(f"{body}\n{xml}".encode()).hexdigest()[:_VERSION_LENGTH]
    code = session_code(context.session.identifier)
    html = body
    for picture in shown.pictures:
        # What people write has its quotes escaped, so none of it looks like this.
        html = html.replace(_source(_stand_in(picture)), _source(picture.source))
    return Content(
        title=page_title(context.session),
        code=code,
        version=version,
        html=f"{html}\n<p><em>{escape(mark(code, version))}</em></p>",
        file=FileToAttach(
            name=context.xml_path.name,
            caption=CAPTION,
            change=f"Written by NexusLIMS, sha256 {xml}",
            content=context.xml,
        ),
    )


def notice(code: str, day: str) -> tuple[str, FileToAttach]:
    """Return what replaces text and attachment of a record that is taken back."""
    sentence = withdrawal(code, day)
    file = FileToAttach(
        name="withdrawn.txt",
        caption=f"{CAPTION} (withdrawn)",
        change="Withdrawn by NexusLIMS",
        content=f"{sentence}\n".encode(),
    )
    return f"<p><em>{escape(sentence)}</em></p>", file


def duplicate() -> tuple[str, FileToAttach]:
    """Return what replaces text and attachment that two runs made at the same time."""
    file = FileToAttach(
        name="duplicate.txt",
        caption=DUPLICATE,
        change="Emptied by NexusLIMS",
        content=f"{DUPLICATE}\n".encode(),
    )
    return f"<p><em>{escape(DUPLICATE)}</em></p>", file


def _rendered(context: ExportContext, shown: Gallery, listed_files: int) -> str:
    environment = Environment(
        loader=PackageLoader("nexuslims_exporter_labarchives"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_spoken,
    )
    images = [(_stand_in(each), each.name) for each in shown.pictures]
    return environment.get_template("record.html.j2").render(
        **session_facts(context, listed_files),
        heading=context.record.title or context.title,
        title=context.title,
        cdcs_url=_cdcs_url(context),
        rows=[images[i : i + PER_ROW] for i in range(0, len(images), PER_ROW)],
        unshown=shown.unshown,
    )


def _spoken(value: object) -> object:
    """Return text as XML can carry it; what is markup already stays."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    line = squashed(value)
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


def _stand_in(picture: Picture) -> str:
    """Return a short source that changes when the preview does."""
    return f"preview:{picture.sha256}"


def _source(address: str) -> str:
    return f'src="{address}"'


def _cdcs_url(context: ExportContext) -> str | None:
    result = context.get_result(CDCS)
    return web_address(result.record_url) if result and result.success else None
