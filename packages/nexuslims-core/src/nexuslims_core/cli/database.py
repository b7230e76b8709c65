"""Opening the database for a command, with an error that names the remedy."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from nexuslims_core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.store import Store


@contextlib.contextmanager
def checked_store(url: str, *, create: bool = False) -> Iterator[Store]:
    """Open a database that is of this version's revision.

    Raises
    ------
    StoreError
        If there is none, or it is of another revision.
    """
    from nexuslims_core.store import Store, initialise, problem_with, sqlite_path

    path = sqlite_path(url)
    if create and path is not None and not path.exists():
        initialise(url)
    problem = problem_with(url)
    if problem is not None:
        raise StoreError(problem)
    with Store.open(url) as store:
        yield store
