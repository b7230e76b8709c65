"""Settings of one NEMO server."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from nexuslims_core.plugin_settings import PluginSettings
from pydantic import Field, SecretStr, field_validator

ISO_FORMAT = "%Y-%m-%dT%H:%M:%S%z"
"""Stands for any ISO 8601 time; what NEMO sends unless a site changes it."""


class NemoSettings(PluginSettings):
    """One NEMO server; ``NX_NEMO_ADDRESS_2`` and so on add more."""

    env_prefix: ClassVar[str] = "NX_NEMO_"

    address: str
    """Root of the REST interface, such as ``https://nemo.example.org/api/``."""
    token: SecretStr
    """API token of an account with the permissions to view."""
    strftime_fmt: str = ISO_FORMAT
    """Accepted and not used: every NEMO takes ISO 8601 in questions, and so it gets."""
    strptime_fmt: str = ISO_FORMAT
    """Format of times in NEMO's answers, where a site changed ``DATETIME_FORMAT``."""
    tz: str | None = None
    """IANA time zone of times that NEMO sends without offset.

    Without it they are taken to be in the time zone of the instrument.
    """
    tz_replaces_offset: bool = False
    """Whether `tz` also replaces offsets that NEMO sends, because they are wrong."""
    refusal_falls_through: bool = False
    """Whether answers of less weight are asked after an explicit refusal."""
    refusals: str = "disagree,no,false,negative"
    """Answers that refuse consent, in any case; the others give it."""
    timeout: float = Field(default=30.0, gt=0)
    """Seconds to wait for NEMO at each step of an exchange."""
    page_size: int = Field(default=500, ge=1)
    """How many usage events are asked for at once."""

    @field_validator("address")
    @classmethod
    def _complete_address(cls, value: str) -> str:
        value = value.strip()
        url = urlsplit(value)
        if url.scheme.lower() not in {"http", "https"} or not url.hostname:
            raise ValueError(
                "expected an address such as https://nemo.example.org/api/"
            )
        if url.query or url.fragment or url.username:
            raise ValueError("expected an address without query, fragment or user name")
        return value if value.endswith("/") else f"{value}/"

    @field_validator("token")
    @classmethod
    def _sendable_token(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value().strip()
        if not token or not token.isascii() or not token.isprintable():
            # The value stays out of the message: it may be a real token and a typo.
            raise ValueError("expected a token as NEMO's administration shows it")
        return SecretStr(token)

    @field_validator("tz", mode="before")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        if not value:
            return None
        try:
            ZoneInfo(value)
        except (KeyError, ValueError) as error:
            msg = f"{value!r} is no IANA time zone such as America/Denver"
            raise ValueError(msg) from error
        return value

    @property
    def zone(self) -> ZoneInfo | None:
        """The time zone that `tz` names."""
        return ZoneInfo(self.tz) if self.tz else None

    @property
    def refusal_words(self) -> frozenset[str]:
        """The single answers of `refusals`, folded for comparison."""
        words = (word.strip().casefold() for word in self.refusals.split(","))
        return frozenset(word for word in words if word)
