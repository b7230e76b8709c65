"""Words in the name of a file and of its folder: people say there what they did."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nexuslims_core.model.files import DataFile

_RUN = re.compile(r"[^\W_]+")
"""Letters and digits, of any script; everything else parts words."""


def path_words(file: DataFile, root: Path | None = None) -> frozenset[str]:
    """Return the words of a file's name and of its folder, in lower case.

    Words end at whatever is neither letter nor digit, between letters and digits, and
    a capital begins the next, as in ``myDiff``. A run of letters and digits counts as a
    whole, too: ``SAED2`` gives ``saed2``, ``saed`` and ``2``. The extension does not
    count.

    Parameters
    ----------
    file
        It is not looked into, and need not exist.
    root
        Folder of the instrument. When given, all folders between it and the file count;
        otherwise, and for a file elsewhere, only the one that the file is in: the path
        above says where a server keeps its files, not what was measured.

    Examples
    --------
    >>> from pathlib import Path
    >>> from nexuslims_core.types import DataFile
    >>> path = Path("/data/diff/my SAED-2/different.dm3")
    >>> sorted(path_words(DataFile(path=path, size=0, mtime_ns=0)))
    ['2', 'different', 'my', 'saed']
    """
    names = (*_folders(file.path, root), file.path.stem)
    return frozenset(word for name in names for word in words_of(name))


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text, in lower case, as `path_words` finds them."""
    return frozenset(
        word.lower() for run in _RUN.findall(text) for word in (run, *_parts(run))
    )


def _folders(path: Path, root: Path | None) -> tuple[str, ...]:
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).parts[:-1]
    return (path.parent.name,)


def _parts(run: str) -> Iterator[str]:
    borders = [at for at in range(1, len(run)) if _is_border(run, at)]
    for start, stop in itertools.pairwise([0, *borders, len(run)]):
        yield run[start:stop]


def _is_border(run: str, at: int) -> bool:
    left, right = run[at - 1], run[at]
    if left.isalpha() != right.isalpha():
        return True
    if left.islower() and right.isupper():
        return True
    # "SAEDPattern" is two words, "DPCs" is one.
    following = run[at + 1 : at + 3]
    return (
        left.isupper()
        and right.isupper()
        and len(following) > 1
        and following.islower()
    )
