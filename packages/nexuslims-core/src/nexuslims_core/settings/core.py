"""The settings of NexusLIMS itself; those of plugins are the plugins' own."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.settings.environment import PREFIX, absolute


def _folder(path: Path) -> Path:
    if (found := _found(path)) != "a folder":
        msg = f"expected an existing folder, found {found}"
        raise ValueError(msg)
    return path


def _file(path: Path) -> Path:
    if (found := _found(path)) != "a file":
        msg = f"expected an existing file, found {found}"
        raise ValueError(msg)
    return path


def _found(path: Path) -> str:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "nothing there"
    except OSError as error:  # no permission, a server that does not answer, …
        return f"it cannot be looked at ({error.strerror or error})"
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a file" if stat.S_ISREG(mode) else "something else"


def _same(one: Path, other: Path) -> bool:
    try:
        return one == other or one.samefile(other)
    except OSError:  # it does not exist yet
        return False


AnyPath = Annotated[Path, AfterValidator(absolute)]
"""A path that need not exist; ``~`` and the current folder are filled in."""
Folder = Annotated[AnyPath, AfterValidator(_folder)]
File = Annotated[AnyPath, AfterValidator(_file)]
Days = Annotated[float, Field(gt=0, le=36_500, allow_inf_nan=False)]


def available_cores() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def _below_data(name: str) -> Any:  # noqa: ANN401 - what a pydantic default is
    def default(values: dict[str, Any]) -> Path:
        root: Path = values["data_path"]
        return root / name

    return Field(default_factory=default)


class Settings(BaseModel):
    """Settings of NexusLIMS; the field `data_path` is filled from ``NX_DATA_PATH``.

    Making one reads neither the environment nor a file: `load_settings` does.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    env_prefix: ClassVar[str] = PREFIX

    instrument_data_path: Folder = Field(
        description="root of the instruments' files; read-only"
    )
    data_path: AnyPath = Field(
        description="folder for previews, metadata, records and logs"
    )
    db_path: AnyPath = _below_data("nexuslims.db")
    """SQLite file; not used when `db_url` is set."""
    db_url: SecretStr | None = None
    """Database as SQLAlchemy names it, e.g. PostgreSQL; wins over `db_path`."""
    records_path: AnyPath = _below_data("records")
    """Folder of XML records."""
    log_path: AnyPath = _below_data("logs")
    local_profiles_path: Folder | None = None
    """Folder of local plugins (``*.py``) and profiles (``*.toml``)."""

    file_strategy: Literal["exclusive", "inclusive"] = "exclusive"
    """Only files whose format an extractor knows, or every file."""
    ignore_patterns: tuple[str, ...] = ("*.mib", "*.db", "*.emi", "*.hdr")
    """Globs of file names to leave out; upper and lower case are alike."""
    file_delay_days: Days = 2.0
    """How long to wait for a session's files after its end."""
    scan_index: bool = False
    """Whether folders where nothing changes any more are remembered between runs."""
    scan_index_days: Days = 1.0
    """How often to list them nevertheless; twice in `NX_FILE_DELAY_DAYS` at least."""
    file_settle_seconds: float = Field(default=60.0, ge=0, allow_inf_nan=False)
    """A file that changed less long ago may still be growing."""
    file_timeout_seconds: float = Field(default=300.0, gt=0, allow_inf_nan=False)
    """After how long the extraction of one file is given up."""
    clustering_sensitivity: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    """Higher: more activities; 0: all files of a session are one activity."""
    checksum: bool = False
    """Whether the SHA-256 of each data file is kept with its metadata."""
    harvest_days: Days = 7.0
    """How far back schedulers are asked."""
    export_strategy: Literal["all", "first_success", "best_effort"] = "all"
    """Which destinations must take a record for its session to be complete."""

    executor: str = "process"
    """Name of the `Executor` that runs extraction."""
    workers: int = Field(default_factory=available_cores, ge=1, le=1024)
    """How many files are read at the same time."""
    claim_limit: int = Field(default=10, ge=1)
    """How many sessions a run takes from PostgreSQL at a time, beside other runs."""
    lease_seconds: float = Field(default=300.0, ge=5, le=86_400, allow_inf_nan=False)
    """After what silence of a run others take its sessions over, on PostgreSQL."""
    watch_seconds: float = Field(default=60.0, gt=0, allow_inf_nan=False)
    """Pause between the rounds of `nexuslims run --watch`."""
    disabled_plugins: frozenset[str] = frozenset()
    """Plugins that are not imported, by entry point or distribution."""

    cert_bundle_file: File | None = None
    """Extra certificates of trusted authorities, PEM."""
    cert_bundle: str = Field(default="", repr=False)
    r"""The same inline, lines separated by ``\n``; wins over the file."""
    disable_ssl_verify: bool = False

    @field_validator("cert_bundle")
    @classmethod
    def _with_line_breaks(cls, value: str) -> str:
        return value.replace("\\n", "\n")

    @field_validator("data_path", "records_path", "log_path")
    @classmethod
    def _away_from_data_files(cls, value: Path, others: ValidationInfo) -> Path:
        root = others.data.get("instrument_data_path")
        if root is not None and _same(value, root):
            msg = "expected another folder than NX_INSTRUMENT_DATA_PATH, never written"
            raise ValueError(msg)
        return value

    @property
    def tls_verify(self) -> bool:
        """False when the operator switched certificate checks off."""
        return not self.disable_ssl_verify

    def ca_bundle(self) -> str:
        """Return the extra certificates as PEM; empty when there are none.

        Raises
        ------
        ConfigurationError
            If the file cannot be read, or neither holds a certificate.
        """
        variable = "NX_CERT_BUNDLE" if self.cert_bundle else "NX_CERT_BUNDLE_FILE"
        text = self.cert_bundle or self._certificates_of_file()
        if text and "-----BEGIN CERTIFICATE-----" not in text:
            msg = f"{variable}: found no '-----BEGIN CERTIFICATE-----', expected PEM"
            raise ConfigurationError(msg)
        return text

    def _certificates_of_file(self) -> str:
        if self.cert_bundle_file is None:
            return ""
        try:
            return self.cert_bundle_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            msg = f"NX_CERT_BUNDLE_FILE: {self.cert_bundle_file}: {error}"
            raise ConfigurationError(msg) from error

    def create_directories(self) -> None:
        """Create the folders that NexusLIMS writes to, where they do not exist.

        Raises
        ------
        ConfigurationError
            If one cannot be created or written to; with its variable.
        """
        folders = {
            "NX_DATA_PATH": self.data_path,
            "NX_RECORDS_PATH": self.records_path,
            "NX_LOG_PATH": self.log_path,
        }
        if self.db_url is None:
            folders["NX_DB_PATH"] = self.db_path.parent
        for variable, folder in folders.items():
            _create(variable, folder)


def _create(variable: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = (
            f"{variable}: the folder {folder} cannot be created: "
            f"{error.strerror or error}"
        )
        raise ConfigurationError(msg) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        msg = f"{variable}: the folder {folder} cannot be written to by this user"
        raise ConfigurationError(msg)
