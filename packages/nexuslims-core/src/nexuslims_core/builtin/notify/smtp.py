"""Handing a mail to a server, and what to do when it does not take it."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from base64 import b64encode
from typing import TYPE_CHECKING

from nexuslims_core.errors import NexusLIMSError
from nexuslims_core.http import tls_context
from nexuslims_core.news import clipped
from nexuslims_core.settings.redaction import SHORTEST_SECRET, redact_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import EmailMessage

    from nexuslims_core.builtin.notify.settings import EmailSettings
    from nexuslims_core.types import Site

TIMEOUT_S = 30.0
"""For each step of the exchange."""
LONGEST_WORDS = 300
AUTHENTICATION_REQUIRED = 530
"""RFC 4954, section 6."""

_REACH = "check NX_EMAIL_SMTP_HOST, NX_EMAIL_SMTP_PORT and firewalls"
_ACCOUNT = "correct NX_EMAIL_SMTP_USERNAME and NX_EMAIL_SMTP_PASSWORD"
_OTHER_TLS = {
    "starttls": "if it expects TLS from the start, set NX_EMAIL_TLS=implicit",
    "implicit": "if it expects STARTTLS, as on port 587, set NX_EMAIL_TLS=starttls",
    "none": "if it expects TLS, remove NX_EMAIL_USE_TLS and NX_EMAIL_TLS",
}


def send(settings: EmailSettings, mail: EmailMessage, site: Site) -> tuple[str, ...]:
    """Send a mail; return a sentence on every recipient whom the server refused.

    Raises
    ------
    NexusLIMSError
        If nobody gets it: names the server, what it said and what to do.
    ConfigurationError
        If the extra certificates of `site` cannot be used.
    """
    with _explained(settings), _connection(settings, site) as smtp:
        refused = smtp.send_message(mail)
    return tuple(_refusals(settings, refused))


def check(settings: EmailSettings, site: Site) -> None:
    """Log in at the server, and send nothing.

    Raises
    ------
    NexusLIMSError, ConfigurationError
        As `send` would.
    """
    with _explained(settings), _connection(settings, site) as smtp:
        smtp.noop()


@contextlib.contextmanager
def _connection(settings: EmailSettings, site: Site) -> Iterator[smtplib.SMTP]:
    """Connect, encrypt and log in; hang up at the end, whatever happens."""
    context = None if settings.security == "none" else tls_context(site)
    server = (settings.smtp_host, settings.smtp_port)
    smtp: smtplib.SMTP
    if settings.security == "implicit":
        smtp = smtplib.SMTP_SSL(*server, timeout=TIMEOUT_S, context=context)
    else:
        smtp = smtplib.SMTP(*server, timeout=TIMEOUT_S)
    try:
        if settings.security == "starttls":
            smtp.starttls(context=context)
        password = settings.smtp_password.get_secret_value()
        if settings.smtp_username and password:
            smtp.login(settings.smtp_username, password)
        yield smtp
        # The mail is with the server now: how it says goodbye changes nothing.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.quit()
    finally:
        smtp.close()


@contextlib.contextmanager
def _explained(settings: EmailSettings) -> Iterator[None]:
    try:
        yield
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        words = _redacted(settings, _what(settings, error))
        # Not chained: the server's words may hold the password, encoded.
        raise NexusLIMSError(f"mail server {_address(settings)}: {words}") from None


def _address(settings: EmailSettings) -> str:
    return f"{settings.smtp_host}:{settings.smtp_port}"


def _what(settings: EmailSettings, error: Exception) -> str:
    """Return what went wrong, and what to do."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(_refusals(settings, error.recipients))
    if isinstance(error, smtplib.SMTPResponseException):
        said = _said(error.smtp_code, error.smtp_error)
        return f"{said}; {_remedy(error)}"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        # `smtplib` hangs up itself when nothing is heard.
        how = "no answer in time" if "timed out" in str(error) else "it hung up"
        return f"{how}; {_OTHER_TLS[settings.security]}"
    if isinstance(error, smtplib.SMTPException):
        return _not_offered(settings, str(error))
    if isinstance(error, UnicodeError):  # its own text quotes what may be a password
        return (
            "NX_EMAIL_SMTP_HOST, NX_EMAIL_SMTP_USERNAME or NX_EMAIL_SMTP_PASSWORD has "
            "characters that cannot be sent; use ASCII"
        )
    return _unreachable(settings, error)


def _unreachable(settings: EmailSettings, error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({error.verify_message}); add its "
            "authority with NX_CERT_BUNDLE_FILE"
        )
    if isinstance(error, ssl.SSLError):
        reason = error.reason or str(error)
        return f"TLS failed ({reason}); {_OTHER_TLS[settings.security]}"
    if isinstance(error, TimeoutError):
        return f"no answer in time; {_REACH}; {_OTHER_TLS[settings.security]}"
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"{reason}; {_REACH}"


def _remedy(error: smtplib.SMTPResponseException) -> str:
    if 400 <= error.smtp_code < 500:  # noqa: PLR2004 - RFC 5321: not now
        return "the next run tries again"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _ACCOUNT
    if error.smtp_code == AUTHENTICATION_REQUIRED:
        return "set NX_EMAIL_SMTP_USERNAME and NX_EMAIL_SMTP_PASSWORD"
    if isinstance(error, smtplib.SMTPSenderRefused):
        return "correct NX_EMAIL_SENDER, or let this machine send mail"
    return "ask those who run it"


def _not_offered(settings: EmailSettings, text: str) -> str:
    """Return what is missing; `text` is what `smtplib` says of it."""
    if "STARTTLS" in text:
        return (
            "it offers no STARTTLS, so nothing was sent; set NX_EMAIL_TLS=implicit and "
            "the port for that (465), or NX_EMAIL_USE_TLS=false to send in the clear"
        )
    if "AUTH" in text or "authentication" in text:
        how = " without TLS" if settings.security == "none" else ""
        return (
            f"it takes no log-in by password{how}; remove NX_EMAIL_SMTP_USERNAME and "
            "NX_EMAIL_SMTP_PASSWORD, or ask those who run it"
        )
    return f"{text}; ask those who run it"


def _refusals(
    settings: EmailSettings, refused: Mapping[str, tuple[int, bytes]]
) -> Iterator[str]:
    for recipient, (code, said) in refused.items():
        text = f"{recipient} was refused: {_said(code, said)}"
        yield _redacted(settings, f"{text}; correct NX_EMAIL_RECIPIENTS")


def _said(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {clipped(' '.join(text.split()), LONGEST_WORDS)}".strip()


def _redacted(settings: EmailSettings, text: str) -> str:
    """Return `text` without the password, as it is and as log-ins send it."""
    user, password = settings.smtp_username, settings.smtp_password.get_secret_value()
    if len(password) < SHORTEST_SECRET:
        return text
    forms = (password, f"\0{user}\0{password}")
    encoded = [b64encode(form.encode()).decode() for form in forms]
    return redact_text(text, [password, *encoded])
