"""Bringing the files of an experiment into line with those it should have."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.calls import LostReplyError, RefusedError

from nexuslims_exporter_elabftw.answers import ARCHIVED, NORMAL
from nexuslims_exporter_elabftw.files import OUR_COMMENTS, XML_COMMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nexuslims_exporter_elabftw.answers import Upload
    from nexuslims_exporter_elabftw.client import ElabftwClient
    from nexuslims_exporter_elabftw.files import AttachedFile

__all__ = ["Attached", "attach_missing", "look", "remove_outdated"]

ATTEMPTS = 3
SETTLING_SECONDS = 1.0
"""How long a notebook may still be storing a file whose upload was cut off."""


@dataclass(frozen=True, kw_only=True)
class Attached:
    """The attached files of an experiment that are ours."""

    current: dict[str, Upload]
    """Those that are as they should be, by name."""
    missing: tuple[AttachedFile, ...]
    """Those that are not there."""
    outdated: tuple[Upload, ...]
    """Those that should not be there (any more), duplicates included."""


def look(
    client: ElabftwClient,
    number: int,
    wanted: Sequence[AttachedFile],
    uploads: Sequence[Upload],
) -> Attached:
    """Compare what is attached with what should be, by name and content.

    Of two that are the same the older one counts: two runners agree on that.
    """
    ours = sorted(
        (
            each
            for each in uploads
            if each.comment in OUR_COMMENTS and each.state == NORMAL
        ),
        key=lambda each: each.id,
    )
    current: dict[str, Upload] = {}
    missing: list[AttachedFile] = []
    for file in wanted:
        same = (each for each in ours if _is_same(client, number, each, file))
        found = next(same, None)
        if found is None:
            missing.append(file)
        else:
            current[file.name] = found
    kept = {each.id for each in current.values()}
    return Attached(
        current=current,
        missing=tuple(missing),
        outdated=tuple(each for each in ours if each.id not in kept),
    )


def attach_missing(
    client: ElabftwClient,
    number: int,
    wanted: Sequence[AttachedFile],
    attached: Attached,
) -> Attached:
    """Attach what is missing and return what there is then."""
    if not attached.missing:
        return attached
    for file in attached.missing:
        _attach(client, number, file)
    return look(client, number, wanted, client.uploads(number))


def remove_outdated(
    client: ElabftwClient, number: int, attached: Attached
) -> tuple[bool, list[str]]:
    """Archive earlier records and delete earlier previews.

    Returns
    -------
    Whether anything was removed, and sentences on what could not be: a file that a
    timestamp protects, or that somebody shows in the text.
    """
    removed, warnings = False, []
    for upload in attached.outdated:
        if upload.immutable:
            warnings.append(f"{upload.real_name} is outdated but protected; it stays")
            continue
        try:
            _remove(client, number, upload)
        except ExportError as error:
            if error.retry or isinstance(error, RefusedError):
                raise
            warnings.append(f"{upload.real_name} is outdated but stays: {error}")
        else:
            removed = True
    return removed, warnings


def _remove(client: ElabftwClient, number: int, upload: Upload) -> None:
    # People look for earlier records among the archived files. Replacing the file in
    # one call would archive it too, but the same call again brings it back.
    if upload.comment == XML_COMMENT:
        client.set_upload_state(number, upload, ARCHIVED)
    else:
        client.delete_upload(number, upload)


def _attach(client: ElabftwClient, number: int, file: AttachedFile) -> None:
    """Attach a file; after a lost reply, look before doing it again."""
    for attempt in range(ATTEMPTS):
        try:
            client.attach(number, file)
        except LostReplyError as error:
            if _arrived(client, number, file):
                return
            if not error.over or attempt == ATTEMPTS - 1:
                raise
        else:
            return


def _arrived(client: ElabftwClient, number: int, file: AttachedFile) -> bool:
    for wait in (0.0, SETTLING_SECONDS):
        time.sleep(wait)
        if not look(client, number, [file], client.uploads(number)).missing:
            return True
    return False


def _is_same(
    client: ElabftwClient, number: int, upload: Upload, file: AttachedFile
) -> bool:
    if (upload.real_name, upload.comment) != (file.name, file.comment):
        return False
    if upload.hash and upload.hash_algorithm in {None, "sha256"}:
        return upload.hash == file.sha256
    # Large files get no hash.
    stored = hashlib.sha256(client.content(number, upload)).hexdigest()
    return stored == file.sha256
