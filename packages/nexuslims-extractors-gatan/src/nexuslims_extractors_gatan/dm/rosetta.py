"""What is taken from RosettaSciIO, imported without what it does not use for us."""

from nexuslims_core.postponed import postpone

# The library names it at its top; to read tags and map pixels takes none of it.
postpone("dask.array")

from rsciio.digitalmicrograph._api import (  # noqa: E402
    DigitalMicrographReader,
    ImageObject,
)

__all__ = ["DigitalMicrographReader", "ImageObject"]
