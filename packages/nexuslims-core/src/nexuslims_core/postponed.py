"""Modules that are imported when they are used, and not when they are named.

Libraries name at their top whatever one of their functions may want. Some of that takes
a second to import, in every worker process, and is never used.

`importlib.util.LazyLoader` does nearly this; but it imports a package as soon as one
of its modules is named, which is what takes the time.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.abc import Loader, MetaPathFinder
else:
    # Those are only names for what it takes, and import temporary files and archives.
    Loader = MetaPathFinder = object

_lock = RLock()


class _Postponed(ModuleType):
    """A module that is not filled until somebody asks for anything in it."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever is in there
        if name == "__path__":  # asked by every `from … import`; packages have it
            raise AttributeError(name)
        _fill(self)
        return getattr(self, name)


class _Filling(ModuleType):
    """One that is being filled: other threads wait for it."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever is in there
        with _lock:
            if type(self) is _Filling:  # by this thread
                msg = f"module {self.__name__!r} has no attribute {name!r} yet"
                raise AttributeError(msg)
        return getattr(self, name)


def postpone(name: str, *functions: str) -> None:
    """Have ``import name`` do nothing until something of the module is used.

    The same goes for the packages that it is in. Call it before the import of the
    library that names the module. Nothing changes if it has been imported already, or
    is not installed.

    Parameters
    ----------
    name
        Full name of the module, such as ``"dask.array"``.
    functions
        Functions of the module that are imported by name, and not used before they are
        called.

    Examples
    --------
    >>> import sys
    >>> postpone("xml.dom.pulldom")
    >>> import xml.dom.pulldom as pulldom
    >>> pulldom.START_DOCUMENT
    'START_DOCUMENT'
    """
    with _lock:
        while name:
            _wanted.setdefault(name, functions)
            name, functions = name.rpartition(".")[0], ()
        if _finder not in sys.meta_path:
            sys.meta_path.insert(0, _finder)


def _postponed_function(module: ModuleType, name: str) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the function's own
        _fill(module)
        return getattr(module, name)(*args, **kwargs)

    return call


def _fill(module: ModuleType) -> None:
    """Do what the import of a module does, after that of the package it is in."""
    with _lock:
        parent = sys.modules.get(module.__name__.rpartition(".")[0])
        if type(parent) is _Postponed:
            _fill(parent)
        if type(module) is not _Postponed:
            return
        spec = module.__spec__
        if spec is None or not isinstance(spec.loader, _Later):  # which made it so
            raise ModuleNotFoundError(name=module.__name__)
        later = spec.loader
        spec.loader = module.__loader__ = later.loader
        _become(module, _Filling)
        try:
            later.loader.exec_module(module)
        except BaseException:
            spec.loader = module.__loader__ = later
            _become(module, _Postponed)
            raise
        _become(module, ModuleType)


def _become(module: ModuleType, kind: type[ModuleType]) -> None:
    module.__class__ = kind


class _Later(Loader):
    """Makes a postponed module, and keeps what fills it."""

    def __init__(self, loader: Loader, functions: Sequence[str]) -> None:
        self.loader, self._functions = loader, functions

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        _become(module, _Postponed)
        for one in self._functions:
            setattr(module, one, _postponed_function(module, one))


class _Known(Loader):
    """Gives a module that there is already, unchanged."""

    def __init__(self, module: ModuleType) -> None:
        self._module, self._spec = module, module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:  # noqa: ARG002
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec


class _Finder(MetaPathFinder):
    """Finds modules that are to be postponed.

    When another one is imported from a package that is postponed, it fills the package
    first, as is usual.
    """

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002 - the protocol's
    ) -> ModuleSpec | None:
        if fullname in _wanted:
            return _later(fullname, path)
        package = sys.modules.get(fullname.rpartition(".")[0])
        if type(package) is not _Postponed:
            return None
        _fill(package)
        found = sys.modules.get(fullname)
        if found is None:
            return None
        # The package has imported it: a second one of the same name would be another.
        spec = ModuleSpec(fullname, _Known(found))
        found.__spec__ = spec  # which is what the import system goes by
        return spec


def _later(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    spec = PathFinder.find_spec(name, path)
    # One without is a folder, which takes no time.
    if spec is not None and spec.loader is not None:
        spec.loader = _Later(spec.loader, _wanted[name])
    return spec


_finder = _Finder()
_wanted: dict[str, Sequence[str]] = {}
"""Modules to postpone, and the functions that they offer before they are filled."""
