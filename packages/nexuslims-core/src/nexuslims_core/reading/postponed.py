"""Modules that are imported when they are used, and not when they are named.

Reader libraries name at their top whatever one of their functions may want. Some of
that takes a second to import, in every worker process, and is never used.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress
from threading import RLock
from types import ModuleType
from typing import Any

_lock = RLock()


class _Postponed(ModuleType):
    """Stands for a module until somebody asks for anything in it."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever is in there
        with _lock:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
                try:
                    importlib.import_module(self.__name__)
                except BaseException:
                    sys.modules[self.__name__] = self
                    raise
            module = sys.modules[self.__name__]
        # Whoever imported this object has the module's content in it from now on.
        self.__dict__.update(
            (key, value) for key, value in vars(module).items() if key[:2] != "__"
        )
        return getattr(module, name)


def postpone(name: str) -> None:
    """Have ``import name`` do nothing until something of the module is used.

    Call it before the import of the library that names it. Nothing changes if the
    module has been imported already. A module that is not installed is missed when it
    is used.

    Parameters
    ----------
    name
        Full name of the module, such as ``"dask.array"``.

    Examples
    --------
    >>> import sys
    >>> postpone("xml.dom.pulldom")
    >>> import xml.dom.pulldom as pulldom
    >>> pulldom.START_DOCUMENT
    'START_DOCUMENT'
    """
    parent, _, last = name.rpartition(".")
    with _lock:
        if name in sys.modules:
            return
        module = _Postponed(name)
        # What the import of a module does; where the package is missing, all of it is.
        if parent:
            with suppress(ImportError):
                setattr(importlib.import_module(parent), last, module)
        sys.modules[name] = module
