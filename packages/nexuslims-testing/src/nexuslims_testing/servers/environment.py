"""Virtual environments for servers, made on first use and cached elsewhere."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Sequence


def cache_folder() -> Path:
    """Return where environments and seeded databases are kept.

    ``NEXUSLIMS_TEST_CACHE`` or, without it, the user's cache folder.
    """
    configured = os.environ.get("NEXUSLIMS_TEST_CACHE")
    if configured:
        return Path(configured)
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "nexuslims-testing"


def cached_environment(name: str, requirements: Sequence[str]) -> Path:
    """Return the Python of an environment that has `requirements` installed.

    The first call installs, which takes some tens of seconds and the network; later
    calls with the same requirements answer at once, from any process.

    Parameters
    ----------
    name
        Short name for the folder, such as ``"nemo-8.1.5"``.
    requirements
        Requirements as pip takes them.

    Raises
    ------
    RuntimeError
        If pip cannot install them; with pip's last lines.
    """
    key = hashlib.sha256("\n".join([sys.version, *requirements]).encode()).hexdigest()
    folder = cache_folder() / "environments" / f"{name}-{key[:12]}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    complete = folder / "complete"
    with FileLock(f"{folder}.lock"):
        if not complete.exists():
            _run([sys.executable, "-m", "venv", "--clear", str(folder)])
            _run([str(python), "-m", "pip", "install", "--quiet", *requirements])
            complete.touch()
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        msg = f"{' '.join(command)} failed with exit code {done.returncode}:\n{tail}"
        raise RuntimeError(msg)
