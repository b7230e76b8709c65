"""Settings of the built-in notifiers, ``NX_EMAIL_…`` and ``NX_WEBHOOK_…``."""

from __future__ import annotations

import base64
import binascii
from email.errors import HeaderParseError
from email.policy import default
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from nexuslims_core.plugin_settings import PluginSettings

IMPLICIT_TLS_PORT = 465
"""RFC 8314, section 7.3: submission over TLS from the first byte on."""

ENCODED = "whsec_"
"""What a secret begins with whose rest is base64, after Standard Webhooks."""

Security = Literal["starttls", "implicit", "none"]


def _mailbox(text: str) -> str:
    """Return an address as it goes into a header, with or without a name before it.

    Raises
    ------
    ValueError
        If it is none, or several.
    """
    expected = "expected one e-mail address such as nexuslims@example.org"
    if not text.isprintable():
        raise ValueError(expected)
    try:
        header = default.header_factory("To", text.strip())
    except (HeaderParseError, IndexError, ValueError):  # by malformed input
        raise ValueError(expected) from None
    addresses = header.addresses
    if header.defects or len(addresses) != 1 or not _is_whole(addresses[0].addr_spec):
        raise ValueError(expected)
    return text.strip()


def _is_whole(address: str) -> bool:
    local, _, domain = address.rpartition("@")
    return bool(local and domain) and " " not in address and address.isascii()


def _some(addresses: tuple[str, ...]) -> tuple[str, ...]:
    if not addresses:
        raise ValueError("expected one address or several, separated by commas")
    return addresses


def _web_address(secret: SecretStr) -> SecretStr:
    expected = "expected an address that begins with https:// or http://"
    text = secret.get_secret_value().strip()
    try:
        parts = urlsplit(text)
        known = parts.scheme in {"http", "https"} and parts.hostname
        _ = parts.port  # raises if it is no number
    except ValueError:
        raise ValueError(expected) from None
    if not known:
        raise ValueError(expected)
    return SecretStr(text)


def _secret(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if text.startswith(ENCODED):
        try:
            base64.b64decode(text.removeprefix(ENCODED), validate=True)
        except binascii.Error:
            raise ValueError(f"expected base64 after {ENCODED}") from None
    return secret


Mailbox = Annotated[str, AfterValidator(_mailbox)]


class EmailSettings(PluginSettings):
    """The mail server, and who gets mail. Host, sender and recipients go together."""

    env_prefix: ClassVar[str] = "NX_EMAIL_"

    smtp_host: str
    """Name of the mail server."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    """Its port; 465 stands for TLS from the start, unless said otherwise."""
    smtp_username: str = ""
    """Account to log in with, where the server asks for that."""
    smtp_password: SecretStr = SecretStr("")
    """Its password. Without one, nobody logs in."""
    use_tls: bool = True
    """Whether to encrypt; `false` sends everything, the password too, in the clear."""
    tls: Security | None = None
    """`starttls`, `implicit` (from the start) or `none`; goes before `NX_EMAIL_USE_TLS`
    and the port.
    """
    sender: Mailbox
    """Address that mails come from."""
    recipients: Annotated[tuple[Mailbox, ...], AfterValidator(_some)]
    """Addresses that mails go to, separated by commas."""

    @property
    def security(self) -> Security:
        """How the connection is encrypted."""
        if self.tls is not None:
            return self.tls
        if not self.use_tls:
            return "none"
        return "implicit" if self.smtp_port == IMPLICIT_TLS_PORT else "starttls"


class WebhookSettings(PluginSettings):
    """An address that news are posted to, as JSON."""

    env_prefix: ClassVar[str] = "NX_WEBHOOK_"

    url: Annotated[SecretStr, AfterValidator(_web_address)]
    """Address to post to. Many hold a token."""
    secret: Annotated[SecretStr, AfterValidator(_secret)] = SecretStr("")
    """What requests are signed with: any text, or `whsec_` and base64."""

    @property
    def signing_key(self) -> bytes:
        """The key that `secret` stands for; empty when requests are not signed."""
        text = self.secret.get_secret_value()
        if text.startswith(ENCODED):
            return base64.b64decode(text.removeprefix(ENCODED))
        return text.encode()
