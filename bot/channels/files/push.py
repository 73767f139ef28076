"""The channel that lays each delivery as a text file into a folder, with its picture and file
beside it.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from bot.channels.channel import Address, Message, RenderedPage
from bot.channels.paging import file_name
from bot.channels.plain import plain_text
from bot.domain.notices.answer import Answer, Confirmed, TryLater
from bot.domain.notices.codes import StepCode, stated


class Files:
    """Writes one UTF-8 text file per delivery, named by its number and title; writing it again
    gives the same files.
    """

    platform = "files"
    repeatable = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pages(self, message: Message) -> tuple[RenderedPage, ...]:
        """One page: `{"text": ...}`, its first line the title, and `attached`: names and contents
        of picture and file.
        """
        attached = [
            (one.name, one.content) for one in (message.picture, message.file) if one is not None
        ]
        return (
            RenderedPage(
                number=1,
                of=1,
                body={"text": plain_text(message, carried=True), "attached": attached},
            ),
        )

    def shown(self, page: RenderedPage) -> str:
        """The text, which is all the group reads."""
        return str(page.body["text"])

    def send(self, page: RenderedPage, address: Address, *, delivery: int, at: datetime) -> Answer:  # noqa: ARG002
        """Puts the files in place, each whole or not at all, also if the power fails half way; the
        text last.
        """
        text: str = page.body["text"]
        name = numbered_name(delivery, text.split("\n", 1)[0], ".txt")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for place, (told, content) in enumerate(page.body["attached"], 1):
                self._put(delivery, numbered_name(delivery, f"{place} {told}"), content)
            self._put(delivery, name, (text + "\n").encode())
            _sync_folder(self._folder)
        except OSError as error:
            return TryLater(
                code="files",
                detail=stated(StepCode.FILE_UNWRITTEN, told=str(error.strerror)),
                after=timedelta(minutes=5),
            )
        return Confirmed(detail=name)

    def _put(self, delivery: int, name: str, content: bytes) -> None:
        unfinished = self._folder / f".{delivery}.unfinished"
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._folder / name)


def numbered_name(delivery: int, name: str, ending: str = "") -> str:
    """The name of a delivery's file: its number, then as much of the title or its own name as any
    file system takes.
    """
    return f"{delivery:06d} {file_name(name)}".strip() + ending


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
