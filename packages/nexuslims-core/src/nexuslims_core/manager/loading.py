"""First stage: find plugins, and import them one by one."""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import logging
import math
import re
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import nexuslims_core
from nexuslims_core.manager.records import PluginIdentity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path
    from types import ModuleType

GROUP = "nexuslims"
"""Entry-point group in which distributions name their plugin modules."""

BUILT_IN = "nexuslims_core.builtin.plugin"

_LOCAL_KINDS = frozenset({".py", ".toml"})
_PROJECT_FILE = "pyproject.toml"
"""Settings of tools, where a facility keeps its local plugins as a project."""

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A plugin that was found, not yet imported."""

    identity: PluginIdentity
    load: Callable[[], object]
    """Imports it; raises whatever the plugin raises."""
    digest: str = ""
    """Hash of a local file's content: it has no version that tells of changes."""
    built_in: bool = False
    installed_at: float = math.inf
    """When it was installed, as the file system says; local files count as last."""
    aliases: frozenset[str] = frozenset()
    """Further names by which an operator may disable it."""

    def is_named_in(self, names: Collection[str]) -> bool:
        """Tell whether one of `names` means this plugin."""
        own = {self.identity.name, self.identity.distribution, *self.aliases}
        return not {normalised(name) for name in own}.isdisjoint(
            normalised(name) for name in names
        )


def normalised(name: str) -> str:
    """Return a name as distributions are compared: case, ``-``, ``_``, ``.`` alike."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def find(local_path: Path | None) -> list[Candidate]:
    """Return what is installed, and then the local plugins in a folder."""
    if local_path is None:
        return installed()
    try:
        return [*installed(), *local(local_path)]
    except OSError as error:
        identity = PluginIdentity(name="local", distribution=f"local: {local_path}")
        return [*installed(), Candidate(identity=identity, load=_raising(error))]


def given(plugin: object) -> Candidate:
    """Return a candidate for a module that is imported already."""
    name = str(getattr(plugin, "__name__", type(plugin).__name__))
    return Candidate(
        identity=PluginIdentity(name=name, distribution=name),
        load=lambda: plugin,
        built_in=name == BUILT_IN,
    )


def installed() -> list[Candidate]:
    """Return the plugins of installed distributions: built-in first, then by name."""
    found = list(_from_distributions())
    if not any(candidate.built_in for candidate in found):
        found.append(_built_in_without_metadata())
    return sorted(found, key=_order)


def local(folder: Path) -> list[Candidate]:
    """Return a candidate for each local plugin in `folder`.

    That is each ``*.py``, and each ``*.toml`` with a profile, unless its name begins
    with ``_``.

    Raises
    ------
    OSError
        If the folder cannot be listed.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix in _LOCAL_KINDS)
    return [
        _local_file(path)
        for path in paths
        if not path.name.startswith("_") and path.name != _PROJECT_FILE
    ]


def _order(candidate: Candidate) -> tuple[bool, str, str]:
    identity = candidate.identity
    return (not candidate.built_in, identity.name, identity.distribution)


def _from_distributions() -> Iterator[Candidate]:
    seen: set[str] = set()
    for distribution in importlib.metadata.distributions():
        try:
            text = distribution.read_text("entry_points.txt") or ""
        except (OSError, UnicodeDecodeError):
            _LOGGER.debug("unreadable entry points in %s", distribution, exc_info=True)
            continue
        if f"[{GROUP}]" not in text:
            continue
        name, version = _name_and_version(distribution)
        # The first on sys.path is the one that imports find.
        if normalised(name) not in seen:
            seen.add(normalised(name))
            for candidate in _entry_points(distribution, name, version):
                yield replace(candidate, installed_at=_installed_at(distribution))


def _installed_at(distribution: importlib.metadata.Distribution) -> float:
    # Its files may keep the times of a cache; only the folder is as old as the
    # installation. There is no public name for it.
    folder = getattr(distribution, "_path", None)
    try:
        return float(folder.stat().st_mtime) if folder is not None else math.inf
    except (AttributeError, OSError):
        return math.inf


def _name_and_version(distribution: importlib.metadata.Distribution) -> tuple[str, str]:
    try:
        metadata = distribution.metadata
    except (OSError, UnicodeDecodeError):
        return "unknown distribution", ""
    # The declared interface of metadata has no `get`.
    name = metadata["Name"] if "Name" in metadata else "unknown distribution"  # noqa: SIM401
    return name, metadata["Version"] if "Version" in metadata else ""  # noqa: SIM401


def _entry_points(
    distribution: importlib.metadata.Distribution, name: str, version: str
) -> Iterator[Candidate]:
    try:
        entry_points = list(distribution.entry_points.select(group=GROUP))
    except Exception as error:  # noqa: BLE001 - whatever a damaged file makes it raise
        identity = PluginIdentity(name=name, distribution=name, version=version)
        broken = ValueError(f"its entry_points.txt cannot be read: {error}")
        yield Candidate(identity=identity, load=_raising(broken))
        return
    for entry_point in entry_points:
        yield Candidate(
            identity=PluginIdentity(
                name=entry_point.name, distribution=name, version=version
            ),
            load=entry_point.load,
            built_in=entry_point.value == BUILT_IN,
        )


def _built_in_without_metadata() -> Candidate:
    return Candidate(
        identity=PluginIdentity(
            name="core",
            distribution="nexuslims-core",
            version=nexuslims_core.__version__,
        ),
        load=lambda: importlib.import_module(BUILT_IN),
        built_in=True,
    )


def _raising(error: Exception) -> Callable[[], object]:
    def load() -> object:
        raise error

    return load


def _local_file(path: Path) -> Candidate:
    identity = PluginIdentity(name=path.stem, distribution=f"local: {path.name}")
    try:
        source = path.read_bytes()
    except OSError as error:
        return Candidate(identity=identity, load=_raising(error))
    digest = hashlib.sha256(source).hexdigest()
    return Candidate(
        identity=identity,
        load=lambda: _loaded(path, source, digest),
        digest=digest,
        aliases=frozenset({path.name}),
    )


def _loaded(path: Path, source: bytes, digest: str) -> object:
    if path.suffix == ".toml":
        # Kept out of the start-up of those who have no such file.
        from nexuslims_core.profiles.declared import read

        return read(path.stem, source)
    return _execute(path, source, digest)


def _execute(path: Path, source: bytes, digest: str) -> ModuleType:
    """Return the module made of a local file, executed once per content.

    It is entered in `sys.modules`, so that worker processes can be sent its functions.
    It is not imported the usual way: that would write ``__pycache__`` beside it.
    """
    name = f"nexuslims_local_{path.stem}"
    known = sys.modules.get(name)
    if known is not None and known.__dict__.get("__digest__") == (str(path), digest):
        return known
    spec = importlib.util.spec_from_loader(name, loader=None, origin=str(path))
    if spec is None:  # pragma: no cover - only finders return None
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    module.__dict__["__digest__"] = (str(path), digest)
    sys.modules[name] = module
    try:
        code = compile(source, str(path), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - the operator put it there to be run
    except BaseException:
        del sys.modules[name]
        raise
    return module
