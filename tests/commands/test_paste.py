"""`diaodu paste` as typed: what it prints of a chat, what it keeps, and what it refuses in one
sentence.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.typed import Ended, diaodu

CHAT = """稻溪镇-谢 2021-10-29 16:05:12
联系电话13900000107，累计开工25户，累计竣工17户

王五 2021-10-29 16:06:12
石磬镇累计9户

office 2021-10-29 16:07:12
收到
"""


def paste(folder: Path, *words: str, content: bytes = CHAT.encode()) -> Ended:
    return diaodu(folder, "paste", "-", *words, stdin=content)


def test_a_preview_keeps_nothing_and_the_second_paste_brings_nothing_new(tmp_path: Path) -> None:
    preview = paste(tmp_path, "--by", "陈", "--dry-run")
    first = paste(tmp_path, "--by", "陈")
    again = paste(tmp_path, "--by", "陈")
    assert [told.returncode for told in (preview, first, again)] == [0, 0, 0], first.stderr
    assert "nothing was kept" in preview.stdout
    for told in (preview, first):
        assert "稻溪镇 开工25；稻溪镇 竣工17" in told.stdout
        assert "held" in told.stdout
        assert "ignored" in told.stdout
        assert "139****0107" in told.stdout
        assert "13900000107" not in told.stdout
    assert again.stdout.count("nothing new") == 3


def test_what_windows_writes_is_read_and_named(tmp_path: Path) -> None:
    told = paste(tmp_path, "--by", "陈", content=CHAT.replace("\n", "\r\n").encode("gb18030"))
    assert told.returncode == 0
    assert "GB18030" in told.stderr
    assert "竣工17" in told.stdout
    assert "known" in paste(tmp_path, "--by", "陈", content=b"\xef\xbb\xbf" + CHAT.encode()).stdout
    assert "known" in paste(tmp_path, "--by", "陈", content=CHAT.encode("utf-16")).stdout


@pytest.mark.parametrize(
    ("content", "words", "says"),
    [
        (b"\xff\x00\x01\x81", (), "UTF-8"),
        (b"", (), "--member"),
        ("稻溪镇-谢 16:05\n累计17户".encode(), (), "--date"),
        ("稻溪镇-谢：\n累计17户".encode(), ("--date", "2021-10-29"), "--time"),
        ("稻溪镇-谢：\n累计17户".encode(), ("--date", "2021-10-29", "--time", "25:00"), "16:05"),
        (b"\xc8\xd5" * 3_000_000, (), "longer"),
    ],
)
def test_what_cannot_be_taken_in_is_told_in_a_sentence(
    tmp_path: Path, content: bytes, words: tuple[str, ...], says: str
) -> None:
    told = paste(tmp_path, "--by", "陈", *words, content=content)
    assert told.returncode != 0
    assert says in told.stderr
    assert "Traceback" not in told.stderr


def test_a_doubtful_passage_is_shown_and_the_others_are_taken_in(tmp_path: Path) -> None:
    told = paste(tmp_path, "--by", "陈", content=f"累计3户\n\n{CHAT}".encode())
    assert told.returncode == 1
    assert "not taken in, line 1: 累计3户" in told.stdout
    assert "竣工17" in told.stdout
    assert "1 passages" in told.stderr
