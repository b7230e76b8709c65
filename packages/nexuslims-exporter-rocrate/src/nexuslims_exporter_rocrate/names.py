"""Names of crates and of the files in them: safe everywhere, the same every time."""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST = 80
"""Characters of a name; paths on Windows may have 260 in all."""

# Device names of Windows, with or without an extension.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def digest(text: str) -> str:
    """Return 32 hexadecimal digits that stand for `text`, whatever is in it."""
    return digest_of(text.encode("utf-8", "surrogatepass"))


def digest_of(content: bytes) -> str:
    """Return 32 hexadecimal digits that stand for `content`."""
    return hashlib.sha256(content).hexdigest()[:32]


def safe_name(text: str, longest: int = LONGEST) -> str:
    """Return a file name for `text`: letters, digits, ``_``, ``-`` and ``.`` alone.

    Different texts may give the same name. The extension of a name that is too long is
    kept if it is short.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", plain).strip("._-")
    if len(name) > longest:
        stem, dot, suffix = name[longest // 2 :].rpartition(".")
        end = dot + suffix if stem and len(suffix) < longest // 4 else ""
        name = name[: longest - len(end)].rstrip("._-") + end
    # A leading letter keeps device names and empty names out.
    return name if name and not _RESERVED.fullmatch(name) else f"item_{name}"


class Places:
    """Hands out paths in a crate, each once, whatever case a file system ignores."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def place(self, folder: str, name: str, suffix: str = "") -> str:
        """Return a path in `folder` for a file called `name`, then `suffix`.

        Parameters
        ----------
        folder
            With a slash at its end.
        name
            Of the file, as it is elsewhere; may hold anything.
        suffix
            What the path ends with, such as ``.json``; must be safe.
        """
        plain = safe_name(name)
        stem, dot, end = plain.rpartition(".")
        if suffix or not stem:
            stem, dot, end = plain, "", ""
        path, number = f"{folder}{stem}{dot}{end}{suffix}", 2
        while path.casefold() in self._taken:
            path = f"{folder}{stem}-{number}{dot}{end}{suffix}"
            number += 1
        self._taken.add(path.casefold())
        return path
