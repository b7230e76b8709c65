"""Plugins for the manager to find: installed ones, local files, modules in memory."""

from __future__ import annotations

import importlib.metadata
import sys
import textwrap
from types import ModuleType

import pytest
from nexuslims_core.manager import PluginManager

HEADER = """
from nexuslims_core import hookimpl
from nexuslims_core.types import Command, Extractor, InstrumentProfile, PreviewGenerator

def read(file):
    raise NotImplementedError

def extractor(name, **more):
    return Extractor(
        name=name, extensions=frozenset({"acm"}), **{"extract": read, **more}
    )
"""


def _source(body):
    return HEADER + textwrap.dedent(body)


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that puts a distribution with one plugin on `sys.path`.

    It is the real thing: a module and a hand-written ``.dist-info`` folder.
    """
    before = set(sys.modules)

    def install(
        distribution, body, *, entry_point=None, version="1.0", module=None, raw=None
    ):
        module = module or distribution.replace("-", "_")
        site = tmp_path / "site" / f"{distribution}-{version}-{module}"
        info = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (site / f"{module}.py").write_text(_source(body), encoding="utf-8")
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        )
        (info / "entry_points.txt").write_text(
            raw or f"[nexuslims]\n{entry_point or distribution} = {module}\n"
        )
        monkeypatch.syspath_prepend(site)
        return site

    yield install
    for name in set(sys.modules) - before:
        path = getattr(sys.modules[name], "__file__", None) or ""
        if path.startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def others():
    """Names of the plugins that are installed here anyway, the built-in one apart."""
    found = importlib.metadata.entry_points(group="nexuslims")
    return {each.dist.name for each in found} - {"nexuslims-core"}


@pytest.fixture
def discover(others):
    """Return a function that discovers plugins, leaving out `others`."""

    def discover(*, disabled=(), **options):
        return PluginManager.discover(disabled={*others, *disabled}, **options)

    return discover


@pytest.fixture
def info_of():
    """Return a function that finds a plugin's information by the plugin's name."""

    def info_of(manager, name):
        (found,) = [info for info in manager.plugins() if info.name == name]
        return found

    return info_of


@pytest.fixture
def module():
    """Return a function that makes a plugin module in memory."""

    def module(body, name="acme"):
        made = ModuleType(name)
        code = compile(_source(body), f"{name}.py", "exec", dont_inherit=True)
        exec(code, made.__dict__)
        return made

    return module


@pytest.fixture
def local_plugin(tmp_path):
    """Return a function that writes a local plugin file, and gives its folder."""
    folder = tmp_path / "profiles"
    folder.mkdir()

    def local_plugin(filename, body):
        (folder / filename).write_text(_source(body), encoding="utf-8")
        return folder

    yield local_plugin
    for name in [each for each in sys.modules if each.startswith("nexuslims_local_")]:
        del sys.modules[name]
