"""E-mail over SMTP: a message as plain text and as HTML with the table drawn, picture and file
attached, always over TLS.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from urllib.parse import parse_qs, unquote, urlsplit

from bot.channels.channel import Address, Message, RenderedPage
from bot.channels.http import origin_of_entry
from bot.channels.paging import file_name, heading, picture_type, words_and_url
from bot.channels.plain import plain_text
from bot.channels.sanitize import clean, one_line
from bot.domain.notices.answer import Answer, Confirmed, NoAnswer, Refused, TryLater
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.notice import Table
from bot.domain.statement import Statement

STEP = 8.0
"""Seconds the server may take for one step; for the last, in which it may look for viruses,
LAST_STEP.
"""
LAST_STEP = 40.0
MAIL_PORTS = frozenset({465, 587, 25})
AGAIN = timedelta(minutes=5)

_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_EXAMPLE = "smtps://user@mail.example.org?from=bot@example.org&to=a@example.org,b@example.org"


@dataclass(frozen=True, kw_only=True)
class _Post:
    """An address that passed. `at_once`: TLS from the first byte (smtps), else before anything is
    said (STARTTLS).
    """

    host: str
    port: int
    at_once: bool
    user: str = field(repr=False)
    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)


class Mail:
    """Sends to one list of people through one mail server. Address:
    `smtps://user@host?to=…&from=…`; the secret is the password.
    """

    platform = "mail"
    repeatable = False

    def __init__(self, hosts: Sequence[str], *, ca_file: str | None = None) -> None:
        """`hosts` as for `Http`: a name allows the ports of mail, an origin its own. `ca_file`:
        whom to trust instead.
        """
        self._origins = frozenset(origin_of_entry(entry)[1:] for entry in hosts)
        self._ca_file = ca_file

    def pages(self, message: Message) -> tuple[RenderedPage, ...]:
        """One page: `{subject, text, html, attached}`, picture and file in the last, by name and
        content.
        """
        attached = [
            (one.name, one.content) for one in (message.picture, message.file) if one is not None
        ]
        body = {
            "subject": heading(message),
            "text": plain_text(message, carried=True),
            "html": _html(message),
            "attached": attached,
        }
        return (RenderedPage(number=1, of=1, body=body),)

    def shown(self, page: RenderedPage) -> str:
        """The plain text; the HTML beside it says the same."""
        return str(page.body["text"])

    def fault(self, address: Address) -> Statement | None:
        """What is wrong with the address, without its secrets; None if nothing is."""
        post = self._post(address)
        return post if isinstance(post, Statement) else None

    def send(self, page: RenderedPage, address: Address, *, delivery: int, at: datetime) -> Answer:
        """Hands the page to the mail server; taken is what it says 250 to after the last byte."""
        post = self._post(address)
        if isinstance(post, Statement):
            return Refused(code="address", detail=post)
        try:
            server = self._connected(post)
        except (smtplib.SMTPException, OSError) as error:
            return _not_taken(error)
        try:
            return _handed_over(server, post, address.secret, _letter(page, post, delivery, at))
        finally:
            server.close()

    def _connected(self, post: _Post) -> smtplib.SMTP:
        # The name it says hello with is given, or smtplib asks the name server for one, which a
        # closed network never answers.
        name, trust = (
            post.sender.rpartition("@")[2],
            ssl.create_default_context(cafile=self._ca_file),
        )
        if post.at_once:
            return smtplib.SMTP_SSL(
                post.host, post.port, local_hostname=name, timeout=STEP, context=trust
            )
        server = smtplib.SMTP(post.host, post.port, local_hostname=name, timeout=STEP)
        try:
            server.starttls(context=trust)
        except BaseException:
            server.close()
            raise
        return server

    def _post(self, address: Address) -> _Post | Statement:
        """The address taken apart, or what is wrong with it."""
        written = address.url.strip()
        if not written:
            return stated(StepCode.ADDRESS_NO_MAIL)
        if re.search(r"[^\x21-\x7e]", written) or not (address.secret or "").isascii():
            return stated(StepCode.MAIL_CHARACTERS)
        try:
            parts = urlsplit(written)
            query = parse_qs(parts.query.replace("+", "%2B"), strict_parsing=True)
            port = parts.port or {"smtps": 465, "smtp": 587}.get(parts.scheme, 0)
        except ValueError:
            return stated(StepCode.MAIL_UNREAD, example=_EXAMPLE)
        host, user = parts.hostname or "", unquote(parts.username or "")
        if parts.scheme not in ("smtps", "smtp") or not host:
            return stated(StepCode.MAIL_NOT_SMTP, example=_EXAMPLE)
        if parts.password is not None:
            return stated(StepCode.MAIL_PASSWORD)
        if (host, port) not in self._origins and not (
            (host, 443) in self._origins and port in MAIL_PORTS
        ):
            return stated(StepCode.ADDRESS_NOT_ALLOWED)
        recipients = tuple(part.strip() for part in ",".join(query.get("to", [])).split(","))
        sender = query.get("from", [user])[0]
        if not all(map(_MAILBOX.fullmatch, (sender, *recipients))) or set(query) - {"to", "from"}:
            return stated(StepCode.MAIL_NO_PEOPLE, example=_EXAMPLE)
        return _Post(
            host=host,
            port=port,
            at_once=parts.scheme == "smtps",
            user=user,
            sender=sender,
            recipients=recipients,
        )


def _handed_over(server: smtplib.SMTP, post: _Post, password: str | None, letter: bytes) -> Answer:
    try:
        server.ehlo_or_helo_if_needed()
        if post.user and password:
            server.login(post.user, password)
        _must_be_good(server.mail(post.sender)[0])
        said = [server.rcpt(recipient)[0] for recipient in post.recipients]
        refused = [code for code in said if code not in (250, 251)]
        if len(refused) == len(said):
            _must_be_good(min(refused))
    except (smtplib.SMTPException, OSError) as error:
        return _not_taken(error)
    try:
        if server.sock is not None:
            server.sock.settimeout(LAST_STEP)
        code, _words = server.data(letter)
    except smtplib.SMTPDataError as error:
        return _not_taken(error)
    except (smtplib.SMTPException, OSError) as error:
        return NoAnswer(detail=stated(StepCode.MAIL_NO_ANSWER, error=type(error).__name__))
    if code != 250:
        return _not_taken(smtplib.SMTPResponseException(code, b""))
    if not refused:
        return Confirmed()
    return Confirmed(
        detail=stated(StepCode.MAIL_PEOPLE_REFUSED, refused=len(refused), of=len(said))
    )


def _must_be_good(code: int) -> None:
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, b"")


def _not_taken(error: Exception) -> Refused | TryLater:
    """What the server's number means: 4xx is for now, 5xx for good. Its words are not repeated,
    they hold people's addresses.
    """
    if isinstance(error, smtplib.SMTPNotSupportedError) or type(error) is smtplib.SMTPException:
        return Refused(code="tls", detail=stated(StepCode.MAIL_NO_TLS))
    if not isinstance(error, smtplib.SMTPResponseException):
        return TryLater(
            code="network",
            detail=stated(StepCode.MAIL_NOT_REACHED, error=type(error).__name__),
            after=AGAIN,
        )
    code, detail = str(error.smtp_code), stated(StepCode.MAIL_SAID, number=error.smtp_code)
    if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500:
        detail = stated(StepCode.MAIL_LOGIN_REFUSED, number=error.smtp_code)
        return Refused(code=code, detail=detail, robot_dead=True)
    if error.smtp_code >= 500:
        return Refused(code=code, detail=detail)
    return TryLater(code=code, detail=detail, after=AGAIN)


def _letter(page: RenderedPage, post: _Post, delivery: int, at: datetime) -> bytes:
    letter = EmailMessage(policy=SMTP)
    letter["Subject"] = page.body["subject"]
    letter["From"] = post.sender
    letter["To"] = ", ".join(post.recipients)
    letter["Date"] = at
    # The same for every attempt of one delivery, so that a mailbox which keeps track shows it once.
    letter["Message-ID"] = f"<diaodu-{delivery}-{page.number}.{post.sender}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(page.body["text"], charset="utf-8", cte="base64")
    letter.add_alternative(page.body["html"], subtype="html", charset="utf-8", cte="base64")
    for name, content in page.body["attached"]:
        kind = picture_type(content)
        letter.add_attachment(
            content,
            maintype="image" if kind else "application",
            subtype=kind or "octet-stream",
            filename=file_name(name) or "file",
        )
    return letter.as_bytes()


def _html(message: Message) -> str:
    parts = [f"<h3>{_escaped(heading(message))}</h3>"]
    parts += [
        f"<p>{_escaped(line)}</p>" for line in clean(message.text).split("\n") if line.strip()
    ]
    if message.table is not None:
        parts.append(_html_table(message.table))
        parts += [f"<p>{_escaped(note)}</p>" for note in message.table.notes]
    link = words_and_url(message.link) if message.link is not None else None
    if link is not None:
        parts.append(f'<p><a href="{escape(link[1])}">{escape(link[0])}</a></p>')
    if message.mentions:
        parts.append(f"<p>{_escaped('、'.join(mention.name for mention in message.mentions))}</p>")
    return "\n".join(parts)


def _html_table(table: Table) -> str:
    head = "".join(f"<th>{_escaped(cell)}</th>" for cell in table.head)
    rows = "\n".join(
        f"<tr>{''.join(f'<td>{_escaped(cell)}</td>' for cell in row)}</tr>" for row in table.rows
    )
    return f'<table border="1" cellspacing="0" cellpadding="4">\n<tr>{head}</tr>\n{rows}\n</table>'


def _escaped(text: str) -> str:
    return escape(one_line(text))
