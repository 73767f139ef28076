"""E-mail: taken is what the server says 250 to after the last byte; nothing is ever said without
TLS.
"""

from __future__ import annotations

import io
import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels import open_channels
from bot.channels.channel import Address, Message
from bot.channels.mail.push import Mail
from bot.domain.notices.answer import Answer, Confirmed, NoAnswer, Refused, TryLater
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.notice import Mention, Table
from config.wording.statements import english
from tests.channels.conftest import AT
from tests.platforms.mailbox import Mailbox
from tests.platforms.server import CERTIFICATE

PASSWORD = "s3cret/pass word"
MESSAGE = Message(
    title="10月15日调度通报（第1期）",
    text="已开工 12 户。\n.\n请各乡镇抓紧。",
    table=Table(
        head=("名次", "乡镇"), rows=(("1", "城关镇"), ("2", "<b>长寿镇</b>")), notes=("注",)
    ),
    mentions=(Mention(name="张三", phone="13800001111"),),
    marks=("补发",),
)


@pytest.fixture(params=[True, False], ids=["smtps", "starttls"])
def mailbox(request: pytest.FixtureRequest) -> Iterator[Mailbox]:
    with Mailbox(at_once=request.param, password=PASSWORD) as mailbox:
        yield mailbox


def send(
    mailbox: Mailbox, *, password: str | None = PASSWORD, message: Message = MESSAGE, url: str = ""
) -> Answer:
    channel = Mail([mailbox.entry], ca_file=CERTIFICATE)
    [page] = channel.pages(message)
    return channel.send(page, Address(url or mailbox.url, password), delivery=7, at=AT)


def test_a_letter_is_taken_whole_and_readable(mailbox: Mailbox) -> None:
    assert send(mailbox) == Confirmed()
    [letter] = mailbox.letters
    assert (letter.sender, letter.recipients) == (
        "bot@example.org",
        ("zhang@example.org", "li@example.org"),
    )
    assert letter.opened["Subject"] == "【补发】10月15日调度通报（第1期）"
    assert letter.opened["Message-ID"] == "<diaodu-7-1.bot@example.org>"
    assert letter.opened["Auto-Submitted"] == "auto-generated"
    assert "已开工 12 户。\n.\n请各乡镇抓紧。" in letter.part("plain").replace("\r\n", "\n")
    assert "<td>城关镇</td>" in letter.part("html")
    assert "&lt;b&gt;长寿镇&lt;/b&gt;" in letter.part("html")
    assert letter.raw.isascii()
    assert b"13800001111" not in letter.raw


def test_nothing_is_said_before_there_is_tls(mailbox: Mailbox) -> None:
    send(mailbox)
    assert {line.split(" ")[0].upper() for line in mailbox.heard_in_clear} <= {"EHLO", "STARTTLS"}


def test_a_server_without_tls_is_refused_and_told_nothing() -> None:
    with Mailbox(at_once=False, offers_tls=False, password=PASSWORD) as mailbox:
        answer = send(mailbox)
    assert isinstance(answer, Refused)
    assert answer.code == "tls"
    assert not any(word in line for line in mailbox.heard for word in ("AUTH", "MAIL", "RCPT"))


def test_a_server_nobody_vouches_for_is_told_nothing(mailbox: Mailbox) -> None:
    channel = Mail([mailbox.entry])
    answer = channel.send(
        channel.pages(MESSAGE)[0], Address(mailbox.url, PASSWORD), delivery=7, at=AT
    )
    assert isinstance(answer, TryLater)
    assert mailbox.letters == []
    assert not any("AUTH" in line for line in mailbox.heard)


def test_a_wrong_password_is_a_dead_robot(mailbox: Mailbox) -> None:
    answer = send(mailbox, password="wrong")
    assert isinstance(answer, Refused)
    assert (answer.code, answer.robot_dead) == ("535", True)


@pytest.mark.parametrize("word", ["HELLO", "MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(("code", "kind"), [(451, TryLater), (554, Refused)])
def test_4xx_is_for_now_and_5xx_for_good(
    mailbox: Mailbox, word: str, code: int, kind: type[Answer]
) -> None:
    mailbox.says[word] = f"{code} no, zhang@example.org"
    answer = send(mailbox)
    assert isinstance(answer, kind)
    assert isinstance(answer, TryLater | Refused)
    assert answer.code == str(code)
    assert "zhang" not in english(answer.detail)
    assert mailbox.letters == []


def test_a_login_put_off_is_tried_later(mailbox: Mailbox) -> None:
    mailbox.says["AUTH"] = "454 later"
    assert isinstance(send(mailbox), TryLater)


def test_a_connection_cut_before_the_letter_left_took_nothing(mailbox: Mailbox) -> None:
    mailbox.says["MAIL"] = ""
    assert isinstance(send(mailbox), TryLater)
    assert mailbox.letters == []


def test_a_connection_cut_after_the_letter_left_is_no_answer(mailbox: Mailbox) -> None:
    mailbox.says["."] = ""
    assert isinstance(send(mailbox), NoAnswer)
    assert len(mailbox.letters) == 1


def test_people_the_server_does_not_know_are_counted(mailbox: Mailbox) -> None:
    mailbox.says["li@example.org"] = "550 no such person"
    assert send(mailbox) == Confirmed(detail=stated(StepCode.MAIL_PEOPLE_REFUSED, refused=1, of=2))
    mailbox.says["zhang@example.org"] = "550 no such person"
    answer = send(mailbox)
    assert isinstance(answer, Refused)
    assert len(mailbox.letters) == 1


def test_a_refused_connection_was_certainly_not_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    channel = Mail([f"127.0.0.1:{port}"])
    address = Address(f"smtps://bot@127.0.0.1:{port}?from=a@example.org&to=b@example.org", PASSWORD)
    answer = channel.send(channel.pages(MESSAGE)[0], address, delivery=1, at=AT)
    assert answer == TryLater(
        code="network",
        detail=stated(StepCode.MAIL_NOT_REACHED, error="ConnectionRefusedError"),
        after=timedelta(minutes=5),
    )


def test_no_header_can_be_written_by_a_title(mailbox: Mailbox) -> None:
    message = Message(
        title="通报\r\nBcc: evil@example.org\n\n<script>x</script>", text="<script>y</script>"
    )
    assert send(mailbox, message=message) == Confirmed()
    [letter] = mailbox.letters
    assert letter.opened["Bcc"] is None
    assert letter.recipients == ("zhang@example.org", "li@example.org")
    assert "<script>" not in letter.part("html")


@pytest.mark.parametrize(
    "said", [{}, {"MAIL": ""}, {".": ""}, {"AUTH": f"535 {PASSWORD}"}, {".": f"554 {PASSWORD}"}]
)
def test_no_secret_is_in_any_answer_or_log(
    mailbox: Mailbox, said: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mailbox.says |= said
    told = repr(send(mailbox)) + caplog.text
    assert PASSWORD not in told
    assert "example.org" not in told


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://mail.example.org?to=a@example.org",
        "smtps://bot:s3cret@mail.example.org?from=a@example.org&to=a@example.org",
        "smtps://bot@evil.example?from=a@example.org&to=a@example.org",
        "smtps://bot@mail.example.org:80?from=a@example.org&to=a@example.org",
        "smtps://bot@mail.example.org?to=a@example.org",
        "smtps://bot@mail.example.org?from=a@example.org",
        "smtps://bot@mail.example.org?from=a@example.org&to=a",
        "smtps://bot@mail.example.org?from=a@example.org&to=a@example.org%0d%0ab@example.org",
        "smtps://bot@mail.example.org?from=a@example.org&to=a@example.org&cc=b@example.org",
        "smtps://bot@mail.example.org:port?from=a@example.org&to=a@example.org",
        "smtps://县@mail.example.org?from=a@example.org&to=a@example.org",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_unsent_with_a_sentence(url: str) -> None:
    channel = Mail(["mail.example.org"])
    fault = channel.fault(Address(url, PASSWORD))
    assert fault is not None
    assert "s3cret" not in english(fault)
    answer = channel.send(channel.pages(MESSAGE)[0], Address(url, PASSWORD), delivery=1, at=AT)
    assert answer == Refused(code="address", detail=fault)


def test_a_name_in_the_list_allows_the_ports_of_mail() -> None:
    channel = open_channels(hosts=["mail.example.org"], console=io.StringIO(), folder=Path())[
        "mail"
    ]
    assert isinstance(channel, Mail)
    for start in (
        "smtps://bot@mail.example.org",
        "smtp://bot@mail.example.org",
        "smtp://bot@mail.example.org:25",
    ):
        assert (
            channel.fault(Address(f"{start}?from=bot+a@example.org&to=a@example.org", PASSWORD))
            is None
        )
    assert (
        channel.fault(
            Address("smtps://bot@mail.example.org?from=a@example.org&to=a@example.org", "密码")
        )
        is not None
    )
