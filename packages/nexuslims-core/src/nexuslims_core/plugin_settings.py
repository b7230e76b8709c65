"""Base class of the settings that plugins declare."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class PluginSettings(BaseModel):
    """Typed settings of one plugin; it never reads the environment itself.

    A field `token` of a model with ``env_prefix = "NX_ACME_"`` is filled from
    ``NX_ACME_TOKEN``. ``NX_ACME_TOKEN_2`` fills the same field of a second, independent
    instance; numbers may have gaps. Secrets are `pydantic.SecretStr`.

    A plugin is *configured* when at least one of its variables is set, or when no
    field is required.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        # Fields go by their names, whatever alias one has.
        populate_by_name=True,
        # pydantic would quote a token that is wrong.
        hide_input_in_errors=True,
    )

    env_prefix: ClassVar[str]
    """Start of the names of its environment variables."""


class DestinationSettings(PluginSettings):
    """Settings of a destination: which records go there, besides its own."""

    instruments: tuple[str, ...] = ()
    """Identifiers of the instruments whose records go there; empty for all."""
    projects: tuple[str, ...] = ()
    """Identifiers or names of the projects whose records go there; empty for all."""
