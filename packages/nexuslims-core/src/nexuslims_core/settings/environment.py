"""The environment that settings come from: the process's variables and a `.env` file.

This is the one place that reads either of them.
"""

from __future__ import annotations

import io
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "NX_"
"""Start of the name of every variable of NexusLIMS and its plugins."""

PROCESS = "the environment"
"""Origin of variables that the process was started with."""

DEFAULT_FILE = ".env"

_REFERENCE = re.compile(r"\$\{(?P<name>[^}:]*)(?::-(?P<default>[^}]*))?\}")


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Variables of NexusLIMS as text, and where each was set.

    Names are in capitals, however they were written. A variable without a value is the
    same as none.
    """

    values: Mapping[str, str] = field(repr=False)
    origins: Mapping[str, str]
    """`PROCESS` or the path of the file, by name."""

    @classmethod
    def read(
        cls,
        env_file: Path | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Environment:
        """Read the process's environment, and below it a `.env` file.

        Parameters
        ----------
        env_file
            File to read; must exist. `None`: `.env` in the current folder, if any.
        environ
            Instead of the process's environment.

        Raises
        ------
        ConfigurationError
            If the file cannot be read.
        """
        process = dict(os.environ if environ is None else environ)
        path = Path(DEFAULT_FILE) if env_file is None else env_file
        if env_file is None and not path.is_file():
            return cls._merged({}, path, process)
        return cls._merged(_parsed(path, process), path, process)

    @classmethod
    def _merged(
        cls, file: Mapping[str, str], path: Path, process: Mapping[str, str]
    ) -> Environment:
        layers = ((str(path.absolute()), file), (PROCESS, process))
        values: dict[str, str] = {}
        origins: dict[str, str] = {}
        for origin, layer in layers:
            # Where a name is set in capitals and otherwise, capitals win.
            for name in sorted(layer, reverse=True):
                if name.upper().startswith(PREFIX):
                    values[name.upper()] = layer[name]
                    origins[name.upper()] = origin
        kept = {name: value for name, value in values.items() if value.strip()}
        return cls(
            values=kept,
            origins={name: origins[name] for name in kept},
        )

    def origin(self, name: str) -> str:
        """Return where a variable was set, for messages; empty when it was not."""
        return self.origins.get(name, "")

    @property
    def disabled_plugins(self) -> frozenset[str]:
        """``NX_DISABLED_PLUGINS``, readable even when other settings are wrong."""
        text = self.values.get("NX_DISABLED_PLUGINS", "")
        try:
            return frozenset(map(str, split_list(text)))
        except ValueError:
            return frozenset()

    @property
    def local_plugins(self) -> Path | None:
        """``NX_LOCAL_PROFILES_PATH``, readable even when other settings are wrong."""
        text = self.values.get("NX_LOCAL_PROFILES_PATH")
        return None if text is None else absolute(Path(text))


def absolute(path: Path) -> Path:
    """Return `path` with ``~`` and the current folder filled in.

    Raises
    ------
    ValueError
        If it begins with the ``~`` of a user who has no home folder.
    """
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        msg = f"cannot find the home folder that {str(path)!r} begins with"
        raise ValueError(msg) from error


def split_list(text: str) -> list[Any]:
    """Return the items of a JSON list, or of a list separated by commas.

    Raises
    ------
    ValueError
        If it begins like a JSON list and is none.
    """
    if text.lstrip().startswith("["):
        items: list[Any] = json.loads(text)
        return items
    return [item for part in text.split(",") if (item := part.strip())]


def _parsed(path: Path, process: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a file; ``${NAME}`` and ``${NAME:-text}`` filled in."""
    from dotenv.parser import parse_stream

    known = dict(process)
    values: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(_text(path))):
        if binding.error:
            msg = (
                f"{path}, line {binding.original.line}: expected NAME=value; if the "
                "value is quoted, the same quote must end it"
            )
            raise ConfigurationError(msg)
        if binding.key is not None:
            values[binding.key] = _filled_in(binding.value or "", known)
            known[binding.key] = values[binding.key]
    return values


def _filled_in(text: str, known: Mapping[str, str]) -> str:
    return _REFERENCE.sub(
        lambda match: known.get(match["name"], match["default"] or ""), text
    )


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror or error}"
        raise ConfigurationError(msg) from error
    # Windows editors: Notepad saves UTF-8 with a mark, PowerShell's `>` UTF-16.
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        msg = f"{path}, line {line}: no UTF-8 text; save the file in that encoding"
        raise ConfigurationError(msg) from None
