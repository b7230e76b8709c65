"""Mails as a mail program sees them, after a real server took them."""

from __future__ import annotations

import logging
import time
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser

import pytest
from nexuslims_core.builtin.notify import smtp
from nexuslims_core.builtin.notify.mail import message, notify
from nexuslims_core.builtin.notify.settings import EmailSettings
from nexuslims_core.errors import NexusLIMSError
from nexuslims_core.news import news_of

PASSWORD = "gr8 secret"
ACCOUNT = {"smtp_username": "nexus", "smtp_password": PASSWORD}


@pytest.fixture
def settings_for():
    def make(server, **fields):
        given = {
            "smtp_host": "localhost",
            "smtp_port": server if isinstance(server, int) else server.port,
            "sender": "NexusLIMS <nexuslims@example.org>",
            "recipients": ("ada@example.org", "bob@example.org"),
        }
        return EmailSettings(**{**given, **fields})

    return make


@pytest.fixture
def send(settings_for, make_site, report):
    """Send news of a run to a server."""

    def send(server, *, changes=None, trusted=True, **fields):
        authority = getattr(server, "authority", "") if trusted else ""
        site = make_site(ca_bundle=authority)
        notify(settings_for(server, **fields), report(**(changes or {})), site)

    return send


@pytest.fixture
def failure(send):
    """Return what is said when sending fails."""

    def fail(server, **fields):
        with pytest.raises(NexusLIMSError) as caught:
            send(server, **fields)
        assert PASSWORD not in str(caught.value)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return fail


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def page_of(mail):
    return mail.get_body(("html",)).get_content()


def test_all_recipients_get_one_mail(mail_server, send):
    server = mail_server()
    send(server)
    [envelope] = server.envelopes
    assert envelope.mail_from == "nexuslims@example.org"
    assert envelope.rcpt_tos == ["ada@example.org", "bob@example.org"]
    [mail] = server.mails
    assert mail["To"] == "ada@example.org, bob@example.org"
    assert mail["From"] == "NexusLIMS <nexuslims@example.org>"


def test_the_subject_says_how_many_problems_of_which_kind(mail_server, send):
    server = mail_server()
    send(server)
    [mail] = server.mails
    assert mail["Subject"].startswith("NexusLIMS: 2 new problems, 1 resolved (")


def test_text_and_page_say_the_same(mail_server, send):
    server = mail_server()
    send(server)
    [mail] = server.mails
    page = page_of(mail)
    for words in (
        "SEM-1: 42",
        "cdcs: 503 Service Unavailable",
        "nexuslims sessions show 42 --instrument SEM-1",
        "This run: 2 sessions (1 COMPLETED, 1 BUILT_NOT_EXPORTED) with 12 files",
        "nemo: 3 sessions found, 2 new, 1 changed.",
    ):
        assert words in text_of(mail)
        assert words in page
    assert "no files could be read: Gerät <42>" in text_of(mail)
    assert "no files could be read: Gerät &lt;42&gt;" in page


def test_nothing_in_a_mail_is_longer_than_a_line_or_beyond_ascii(mail_server, send):
    server = mail_server()
    send(server)
    content = server.envelopes[0].content
    assert content.isascii()
    assert max(map(len, content.splitlines())) <= 78


def test_a_page_shows_markup_as_it_is(settings_for, report, problem, now):
    evil = problem("</div><script>x()</script>", "<img src=x onerror='x()'>&amp;")
    mail = message(settings_for(25), news_of(report(new=(evil,)), now=now))
    tags = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, _attributes: tags.append(tag)
    parser.feed(page_of(mail))
    assert {"script", "img"}.isdisjoint(tags)
    assert "<img src=x onerror='x()'>&amp;" in text_of(mail)


def test_headers_are_those_of_an_automatic_mail(mail_server, send):
    server = mail_server()
    send(server)
    [mail] = server.mails
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@example.org>")
    age = time.time() - parsedate_to_datetime(mail["Date"]).timestamp()
    assert abs(age) < 60


def test_mails_on_one_problem_belong_together(settings_for, report, problem, now):
    first = report(new=(problem(),))
    digest = report(continuing=(problem(), problem("50", since=now + timedelta(1))))
    over = report(resolved=(problem(),))
    other = report(new=(problem("50"),))
    mails = [
        message(settings_for(25), news_of(one, now=now))
        for one in (first, digest, over, other)
    ]
    threads = [mail["References"] for mail in mails]
    assert threads[0] == threads[1] == threads[2] != threads[3]
    assert len({mail["Message-ID"] for mail in mails}) == 4


def test_a_mail_that_is_sent_again_keeps_its_identifier(mail_server, send):
    server = mail_server()
    server.answer = "451 busy"
    with pytest.raises(NexusLIMSError):
        send(server)
    server.answer = ""
    send(server)
    send(server)
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize("name", ["Zoë Müller <zoe@example.org>", "zoe@example.org"])
def test_recipients_may_have_names(mail_server, send, name):
    server = mail_server()
    send(server, recipients=(name,))
    assert server.envelopes[0].rcpt_tos == ["zoe@example.org"]
    assert server.mails[0]["To"] == name


def test_tls_from_the_start(mail_server, send):
    server = mail_server("implicit")
    send(server, tls="implicit")
    assert len(server.mails) == 1


def test_no_tls_when_told_so(mail_server, send):
    server = mail_server("none")
    send(server, use_tls=False)
    assert len(server.mails) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH while:UserWarning")  # in the server
@pytest.mark.parametrize("security", ["starttls", "implicit", "none"])
def test_the_right_password(mail_server, send, security):
    server = mail_server(security, accounts={"nexus": PASSWORD})
    send(server, tls=security, **ACCOUNT)
    assert len(server.mails) == 1


def test_a_wrong_password(mail_server, failure):
    server = mail_server(accounts={"nexus": "another"})
    said = failure(server, **ACCOUNT)
    assert f"mail server localhost:{server.port}: 535 " in said
    assert "NX_EMAIL_SMTP_PASSWORD" in said
    assert server.envelopes == []


def test_checking_logs_in_and_sends_nothing(mail_server, settings_for, make_site):
    server = mail_server(accounts={"nexus": PASSWORD})
    site = make_site(ca_bundle=server.authority)

    smtp.check(settings_for(server, **ACCOUNT), site)

    assert server.envelopes == []
    wrong = ACCOUNT | {"smtp_password": "gr9 secret"}
    with pytest.raises(NexusLIMSError, match="NX_EMAIL_SMTP_PASSWORD"):
        smtp.check(settings_for(server, **wrong), site)


def test_no_password_where_one_is_needed(mail_server, failure):
    said = failure(mail_server(accounts={"nexus": PASSWORD}))
    assert "530 " in said
    assert "set NX_EMAIL_SMTP_USERNAME" in said


def test_a_user_name_alone_logs_nobody_in(mail_server, send):
    server = mail_server()
    send(server, smtp_username="nexus")
    assert len(server.mails) == 1


def test_a_password_that_cannot_be_sent(mail_server, failure):
    server = mail_server(accounts={"nexus": PASSWORD})
    said = failure(server, smtp_username="nexus", smtp_password="pässword")
    assert "use ASCII" in said
    assert "ä" not in said


def test_a_server_that_takes_no_passwords(scripted_server, failure):
    port = scripted_server("220 hello", "250 localhost")
    said = failure(port, tls="none", **ACCOUNT)
    assert "takes no log-in by password without TLS" in said


def test_a_server_without_starttls_gets_nothing(mail_server, failure):
    server = mail_server("none")
    assert "offers no STARTTLS" in failure(server)
    assert server.envelopes == []


def test_an_unknown_authority(mail_server, failure):
    server = mail_server()
    said = failure(server, trusted=False)
    assert "certificate is not trusted" in said
    assert "NX_CERT_BUNDLE_FILE" in said


def test_a_certificate_for_another_name(mail_server, failure):
    said = failure(mail_server(), smtp_host="127.0.0.1")
    assert "certificate is not trusted" in said


def test_certificates_are_not_checked_when_told_so(
    mail_server, settings_for, make_site, report
):
    server = mail_server()
    notify(settings_for(server), report(), make_site(tls_verify=False))
    assert len(server.mails) == 1


def test_tls_where_there_is_none(mail_server, failure):
    said = failure(mail_server("none"), tls="implicit")
    assert "NX_EMAIL_TLS=starttls" in said


def test_no_tls_where_it_is_from_the_start(mail_server, failure, monkeypatch):
    monkeypatch.setattr(smtp, "TIMEOUT_S", 0.5)
    said = failure(mail_server("implicit"))
    assert "no answer in time" in said
    assert "NX_EMAIL_TLS=implicit" in said


def test_one_refused_recipient_is_named_and_the_others_get_it(
    mail_server, send, caplog
):
    server = mail_server()
    server.refuse["bob@example.org"] = "550 5.1.1 No such user"
    with caplog.at_level(logging.WARNING, "nexuslims_core"):
        send(server)
    assert server.envelopes[0].rcpt_tos == ["ada@example.org"]
    [warning] = caplog.messages
    assert "bob@example.org was refused: 550 5.1.1 No such user" in warning
    assert "NX_EMAIL_RECIPIENTS" in warning


def test_all_recipients_refused(mail_server, failure):
    server = mail_server()
    for name in ("ada", "bob"):
        server.refuse[f"{name}@example.org"] = f"550 No {name} here"
    said = failure(server)
    assert "550 No ada here" in said
    assert "550 No bob here" in said


def test_a_refused_mail(mail_server, failure):
    server = mail_server()
    server.answer = "554 5.7.1 Looks like spam"
    assert "554 5.7.1 Looks like spam; ask those who run it" in failure(server)


def test_a_busy_server(mail_server, failure):
    server = mail_server()
    server.answer = "451 4.3.0 Try later"
    assert "451 4.3.0 Try later; the next run tries again" in failure(server)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["421 too many connections"], "421 too many connections; the next run"),
        (["220 hello"], "it hung up"),
        (["220 hello", "250 localhost"], "it hung up"),
        (
            ["220 hello", "250 localhost", "550 5.7.60 no such sender"],
            "550 5.7.60 no such sender; correct NX_EMAIL_SENDER",
        ),
    ],
)
def test_a_server_that_refuses_or_hangs_up(scripted_server, failure, lines, words):
    assert words in failure(scripted_server(*lines), tls="none")


def test_a_server_that_echoes_the_password(scripted_server, failure):
    port = scripted_server(
        "220 hello", "250-localhost\r\n250 AUTH PLAIN", f"535 not {PASSWORD}"
    )
    assert "535 not ***" in failure(port, tls="none", **ACCOUNT)


def test_a_mail_that_was_half_heard_was_not_sent(scripted_server, failure):
    port = scripted_server("220 hello", "250 localhost", "250 ok", "250 ok", "354 go")
    assert "it hung up" in failure(port, tls="none", recipients=("a@example.org",))


def test_a_rude_goodbye_after_the_mail_was_taken_is_no_failure(mail_server, send):
    server = mail_server(goodbye="500 I never heard of QUIT")
    send(server)
    assert len(server.mails) == 1


def test_a_server_that_is_not_there(failure):
    said = failure(1, tls="none")
    assert "mail server localhost:1: " in said
    assert "check NX_EMAIL_SMTP_HOST" in said


def test_a_name_that_nobody_knows(failure):
    said = failure(25, smtp_host="mail.invalid")
    assert "mail server mail.invalid:25: " in said
    assert "NX_EMAIL_SMTP_HOST" in said


def test_a_name_that_cannot_be_one(failure):
    assert "use ASCII" in failure(25, smtp_host="mail..invalid")


def test_times_are_those_of_the_machine(settings_for, report, now):
    mail = message(settings_for(25), news_of(report(), now=now))
    assert parsedate_to_datetime(mail["Date"]).astimezone(UTC) == now
    assert f"{now.astimezone():%Y-%m-%d %H:%M %Z}" in text_of(mail)
