"""Names of crates and of the files in them: safe everywhere, the same every time."""

from __future__ import annotations

import re
import unicodedata

from nexuslims_core.exporting.names import is_device_name

LONGEST = 80
"""Characters of a name; paths on Windows may have 260 in all."""

_EXTENSION = re.compile(r"[A-Za-z0-9]{1,8}")


def safe_name(text: str, longest: int = LONGEST) -> str:
    """Return a file name for `text`: letters, digits, ``_``, ``-`` and ``.`` alone.

    A short extension is kept. Different texts may give the same name.
    """
    stem, dot, suffix = text.rpartition(".")
    if not dot or not _EXTENSION.fullmatch(suffix):
        stem, dot, suffix = text, "", ""
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", plain).strip("._-")
    name = name[: longest - len(dot + suffix)].rstrip("._-")
    if not name or is_device_name(name):
        name = f"item_{name}".rstrip("_")
    return name + dot + suffix


class Places:
    """Hands out paths in a crate, each once, whatever case a file system ignores."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def place(self, folder: str, name: str) -> str:
        """Return a path in `folder` for a file called `name`, whatever that holds.

        `folder` ends with a slash.
        """
        plain = safe_name(name)
        stem, dot, suffix = plain.rpartition(".")
        if not dot:
            stem, suffix = plain, ""
        path, number = f"{folder}{plain}", 2
        while path.casefold() in self._taken:
            path = f"{folder}{stem}-{number}{dot}{suffix}"
            number += 1
        self._taken.add(path.casefold())
        return path
