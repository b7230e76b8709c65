"""A profile in a TOML file, as a plugin."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError

from nexuslims_core import hookimpl
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.profiles.grammar import ProfileFile
from nexuslims_core.profiles.problems import problems
from nexuslims_core.profiles.steps import run
from nexuslims_core.types import InstrumentProfile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nexuslims_core.types import Dataset

_NOT_IN_NAMES = re.compile(r"[^a-z0-9_.-]+")


@dataclass(frozen=True, kw_only=True)
class DeclaredProfiles:
    """The plugin that a file stands for: one profile for each instrument it names."""

    profiles: tuple[InstrumentProfile, ...]

    @hookimpl
    def nexuslims_instrument_profiles(self) -> Iterable[InstrumentProfile]:
        """Yield the profiles of the file."""
        yield from self.profiles


def read(stem: str, source: bytes) -> DeclaredProfiles:
    """Return the plugin that a TOML file describes.

    Parameters
    ----------
    stem
        Name of the file without extension: that of the profile, if it gives none.
    source
        Content of the file.

    Raises
    ------
    ConfigurationError
        If it is no TOML, or no profile; names each mistake, in one line.
    """
    try:
        file = ProfileFile.model_validate(tomllib.loads(source.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        msg = f"it is not UTF-8 text: byte {error.start} is 0x{source[error.start]:02x}"
        raise ConfigurationError(msg) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"it is no TOML: {error}") from error
    except ValidationError as error:
        raise ConfigurationError("; ".join(problems(error))) from error
    return DeclaredProfiles(profiles=tuple(_profiles(file, stem)))


def _profiles(file: ProfileFile, stem: str) -> Iterator[InstrumentProfile]:
    name = file.name or _as_name(stem)
    for pid in dict.fromkeys(file.instrument):
        own = name if len(file.instrument) == 1 else f"{name}.{_as_name(pid)}"
        yield InstrumentProfile(
            name=own, instrument_id=pid, parsers=dict(_parsers(file, own))
        )


def _as_name(text: str) -> str:
    return _NOT_IN_NAMES.sub("-", text.lower()).lstrip("_.-") or "profile"


def _parsers(
    file: ProfileFile, profile: str
) -> Iterator[tuple[str, Callable[[Dataset], Dataset]]]:
    for count, step in enumerate(file.step, start=1):
        name = f"{count} ({step.action} {step.about:.60})"
        yield name, partial(run, step, label=f"profile {profile}, step {name}")
