"""A folder that a destination writes to: whether it may, and one writer at a time."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from nexuslims_core.errors import ConfigurationError, ExportError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nexuslims_core.types import Site

__all__ = ["LOCK", "OwnFolder"]

LOCK = ".lock"
_PROBE = ".writable"


@dataclass(frozen=True, kw_only=True)
class OwnFolder:
    """A folder where a destination keeps what it makes, and nobody else anything."""

    path: Path
    setting: str
    """The variable that says where it is."""
    name: str
    """What to call it before its path, such as ``the catalogue in``; may be empty."""
    use: str
    """What it is to the destination, such as ``the catalogue's folder``."""
    remedy: str
    """What to do if it holds something else."""

    def check(self, site: Site) -> None:
        """Raise `ConfigurationError` unless all that is written may go there.

        It is made if it does not exist.
        """
        if not self.path.is_absolute():
            msg = (
                f"{self.setting} is {str(self.path)!r}, a relative path; give an "
                "absolute one, which means the same whatever directory a run starts in"
            )
            raise ConfigurationError(msg)
        self._check_place(site)
        self._check_writable()

    def _check_place(self, site: Site) -> None:
        here = self.path.resolve()
        instruments = site.instrument_data_path.resolve()
        if here.is_relative_to(instruments):
            msg = (
                f"{self.setting} is {self.path}, inside the instruments' files "
                f"(NX_INSTRUMENT_DATA_PATH, {instruments}), where nothing may be "
                "written"
            )
            raise ConfigurationError(msg)
        for name, other in (
            ("NX_DATA_PATH", site.data_path),
            ("the folder of records", site.records_path),
        ):
            if other.resolve().is_relative_to(here):
                msg = (
                    f"{self.setting} is {self.path}, which holds {name} ({other}); "
                    f"{self.remedy}"
                )
                raise ConfigurationError(msg)

    def _check_writable(self) -> None:
        probe = self.path / _PROBE
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            msg = (
                f"{self.use} {self.path} cannot be written: {error}. Give "
                f"{self.setting} a folder that the user who runs nexuslims may write to"
            )
            raise ConfigurationError(msg) from error

    @contextmanager
    def alone(self, seconds: float) -> Iterator[None]:
        """Keep other processes out for a ``with`` block.

        The lock goes with the process that holds it.

        Raises
        ------
        ExportError
            If another process holds it for longer than `seconds`.
        OSError
            If the folder cannot be written.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / LOCK, timeout=seconds)
        try:
            lock.acquire()
        except Timeout as error:
            where = f"{self.name} {self.path}".lstrip()
            msg = (
                f"another process has been writing to {where} for {seconds:g} s; the "
                "next run tries again"
            )
            raise ExportError(msg) from error
        try:
            yield
        finally:
            lock.release()
