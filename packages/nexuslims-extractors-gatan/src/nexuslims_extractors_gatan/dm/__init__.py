"""Gatan DigitalMicrograph files: DM3 and DM4."""

from nexuslims_core.reading.postponed import postpone

# RosettaSciIO names it at its top; to read tags and map pixels takes none of it.
postpone("dask.array")
