"""Settings of this notifier, ``NX_APPRISE_…``."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from nexuslims_core.plugin_settings import PluginSettings
from pydantic import AfterValidator, BeforeValidator, SecretStr

_SEPARATOR = re.compile(r"[\s,]+(?=[A-Za-z0-9]+://)")
"""What is between addresses. In one, a comma may separate several recipients."""
_ADDRESS = re.compile(r"[A-Za-z0-9]+://\S")


def _apart(given: object) -> object:
    """Return addresses one by one, however they were separated."""
    if not isinstance(given, list | tuple):
        return given
    texts = [
        one.get_secret_value() if isinstance(one, SecretStr) else str(one)
        for one in given
    ]
    return [one for one in _SEPARATOR.split(",".join(texts).strip()) if one]


def _addresses(urls: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not urls or not all(_ADDRESS.match(one.get_secret_value()) for one in urls):
        msg = "expected addresses such as slack://…, separated by commas"
        raise ValueError(msg)
    return urls


class AppriseSettings(PluginSettings):
    """Whom to tell; others to be told apart have names that end in ``_2``."""

    env_prefix: ClassVar[str] = "NX_APPRISE_"

    urls: Annotated[
        tuple[SecretStr, ...], BeforeValidator(_apart), AfterValidator(_addresses)
    ]
    """Addresses in the form of Apprise, separated by commas. They hold tokens."""
