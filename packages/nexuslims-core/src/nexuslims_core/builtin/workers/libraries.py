"""What workers have in memory when they start.

They are forked from a process that has imported this module and done nothing else, so
that it is imported once, however many workers there are and however often one of them
is replaced.
"""

from __future__ import annotations

import os

# Threads of its own do not survive a fork, and workers multiply no matrices.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from PIL import Image

from nexuslims_core import manager, record  # noqa: F401 - for the import
from nexuslims_core.model import metadata, units  # noqa: F401 - likewise
from nexuslims_core.previews import encoding  # noqa: F401 - likewise

Image.preinit()
units.registry()
