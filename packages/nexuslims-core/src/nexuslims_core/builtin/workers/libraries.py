"""What workers have in memory when they start.

They are forked from a process that has imported this module and done nothing else, so
that it is imported once, however many workers there are and however often one of them
is replaced.
"""

from __future__ import annotations

import gc
import importlib
import os
from contextlib import suppress

from nexuslims_core.builtin.workers.serving import MODULES, keep_off_stdout


def load() -> None:
    """Import what most files need, and what extractors say that theirs do."""
    # Threads of its own do not survive a fork, and workers multiply no matrices.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from PIL import Image

    from nexuslims_core import manager, record  # noqa: F401 - for the import
    from nexuslims_core.model import metadata, units  # noqa: F401 - likewise
    from nexuslims_core.previews import encoding  # noqa: F401 - likewise

    Image.preinit()
    units.registry()
    for name in filter(None, os.environ.pop(MODULES, "").split(",")):
        # What is wrong with it is told of the first file that needs it.
        with suppress(Exception, SystemExit):
            importlib.import_module(name)


keep_off_stdout()
# To look for rubbish among what is just being imported takes a fifth of the time.
gc.disable()
load()
# All this is there to stay, and pages that nobody looks through remain shared.
gc.freeze()
gc.enable()
