"""A mail server on loopback, as RFC 5321 has it: TLS at once or by STARTTLS, a login, and letters
taken only after the last dot.
"""

from __future__ import annotations

import base64
import io
import socketserver
import ssl
import threading
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from tests.platforms.server import CERTIFICATE


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What lies in the mailbox: the envelope, and the letter opened."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def opened(self) -> EmailMessage:
        """The letter, parsed."""
        return message_from_bytes(self.raw, policy=default)

    def part(self, kind: str) -> str:
        """Its text as `plain` or as `html`."""
        part = self.opened.get_body((kind,))
        assert part is not None
        return str(part.get_content())


class Mailbox:
    """The server. `says` answers a command (by its first word, or `.` for the end of the letter)
    with something else.

    An empty answer cuts the connection: at `.` after the letter was taken.
    """

    def __init__(
        self, *, at_once: bool = True, password: str | None = None, offers_tls: bool = True
    ) -> None:
        self.at_once, self.password, self.offers_tls = at_once, password, offers_tls
        self.says: dict[str, str] = {}
        self.letters: list[Letter] = []
        self.heard: list[str] = []
        self.heard_in_clear: list[str] = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(CERTIFICATE)
        self._server = _Server(("127.0.0.1", 0), _talk(self))
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    @property
    def url(self) -> str:
        """The address a group is given."""
        scheme = "smtps" if self.at_once else "smtp"
        return f"{scheme}://bot@127.0.0.1:{self.port}?from=bot@example.org&to=zhang@example.org,li@example.org"

    @property
    def entry(self) -> str:
        """Its entry in the list of allowed hosts."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Mailbox:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is part of the play."""


def _talk(mailbox: Mailbox) -> type[socketserver.BaseRequestHandler]:
    class Talk(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.secret = mailbox.at_once
            self.lines = io.BytesIO()
            if self.secret:
                self.request = mailbox.context.wrap_socket(self.request, server_side=True)
            self.lines = self.request.makefile("rb")
            self.sender, self.recipients, self.known = "", list[str](), mailbox.password is None
            self.say(mailbox.says.get("HELLO", "220 ready"))
            while line := self.lines.readline():
                words = line.decode("ascii").strip()
                word = words.split(" ")[0].upper()
                mailbox.heard.append(words)
                if not self.secret:
                    mailbox.heard_in_clear.append(words)
                told = mailbox.says.get(word)
                if told == "":
                    return
                self.say(told or self.answer(word, words))
                if word == "STARTTLS" and told is None:
                    self.lines.close()
                    self.request = mailbox.context.wrap_socket(self.request, server_side=True)
                    self.lines, self.secret = self.request.makefile("rb"), True
                if word == "DATA" and told is None and self.recipients and not self.take():
                    return
                if word == "QUIT":
                    return

        def finish(self) -> None:
            self.lines.close()
            self.request.close()

        def say(self, words: str) -> None:
            self.request.sendall(words.encode() + b"\r\n")

        def answer(self, word: str, words: str) -> str:
            match word:
                case "EHLO" if not self.secret:
                    return (
                        "250-hello\r\n250-STARTTLS\r\n250 8BITMIME"
                        if mailbox.offers_tls
                        else "250 hello"
                    )
                case "EHLO":
                    return "250-hello\r\n250 AUTH PLAIN"
                case "STARTTLS":
                    return "220 go on"
                case "AUTH":
                    given = base64.b64decode(words.split(" ")[-1]).decode().split("\0")
                    self.known = given[1:] == ["bot", mailbox.password]
                    return "235 welcome" if self.known else "535 user bot, password wrong"
                case "MAIL" if self.known:
                    self.sender = words.split("<")[1].split(">")[0]
                    return "250 ok"
                case "MAIL":
                    return "530 log in first"
                case "RCPT":
                    person = words.split("<")[1].split(">")[0]
                    if told := mailbox.says.get(person):
                        return told
                    self.recipients.append(person)
                    return "250 ok"
                case "DATA":
                    return "354 go on" if self.recipients else "503 to whom?"
                case "QUIT":
                    return "221 bye"
            return "502 what?"

        def take(self) -> bool:
            raw = b""
            while (line := self.lines.readline()) not in (b".\r\n", b""):
                raw += line.removeprefix(b".")
            told = mailbox.says.get(".", "250 taken")
            if not told or told.startswith("250"):
                letter = Letter(sender=self.sender, recipients=tuple(self.recipients), raw=raw)
                mailbox.letters.append(letter)
            if told:
                self.say(told)
            return bool(told)

    return Talk
