"""Put what became of a session's files together to its record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.record import ActivityInput, build_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from nexuslims_core.model.facility import Reservation, Session
    from nexuslims_core.model.files import DataFile
    from nexuslims_core.model.record import Record
    from nexuslims_core.pipeline.worker import FileOutcome


def assemble(
    session: Session,
    reservation: Reservation,
    groups: Sequence[Sequence[DataFile]],
    outcomes: Mapping[Path, FileOutcome],
) -> Record:
    """Return the record of a session.

    Parameters
    ----------
    groups
        The files of each acquisition activity, in the order of their times.
    outcomes
        What became of each file; one without datasets is left out.
    """
    activities = []
    for files in groups:
        present = [file for file in files if outcomes[file.path].entries]
        if present:
            activities.append(
                ActivityInput(
                    start=present[0].modified,
                    end=present[-1].modified,
                    datasets=tuple(
                        entry
                        for file in present
                        for entry in outcomes[file.path].entries
                    ),
                )
            )
    return build_record(session, reservation, activities)
