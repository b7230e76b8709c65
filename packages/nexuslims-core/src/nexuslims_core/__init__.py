"""Automatic experiment records for electron-microscopy facilities.

Plugin authors import three things from here: the `hookimpl` marker, the types in
`nexuslims_core.types` and the exceptions in `nexuslims_core.errors`. Scientists
import `extract`, which reads one file's metadata without any configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

from nexuslims_core.postponed import postpone

if TYPE_CHECKING:
    from nexuslims_core.extraction import extract as extract

# Pint names dask for quantities of its arrays, and httpx its command line: neither is
# used here, and both take as long to import as the library that names them. They have
# to be postponed before any module or plugin imports one of these.
postpone("dask.base", "compute", "persist", "visualize")
postpone("httpx._main", "main")

__version__ = "0.1.0"

hookimpl = pluggy.HookimplMarker("nexuslims")
"""Marks a function of a plugin module as an implementation of a NexusLIMS hook."""

__all__ = ["__version__", "extract", "hookimpl"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Load `extract` on first use: importing the package must stay cheap."""
    if name == "extract":
        from nexuslims_core.extraction import extract

        return extract
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
