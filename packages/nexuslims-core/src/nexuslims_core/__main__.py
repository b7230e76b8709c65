"""`python -m nexuslims_core` is the program `nexuslims`."""

from __future__ import annotations

from nexuslims_core.cli import main

if __name__ == "__main__":
    main()
