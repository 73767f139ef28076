"""The channel that lays each delivery as one text file into a folder."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta
from pathlib import Path

from bot.channels.channel import Address, Answer, Confirmed, Message, Page, TryLater
from bot.channels.console.push import plain_text

MOST_NAME_BYTES = 150
"""Of the title within a file name; file systems take 255 for the whole of it."""

_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


class Files:
    """Writes one UTF-8 text file per delivery, named by its number and title; writing it again gives the same file."""

    platform = "files"
    repeatable = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pages(self, message: Message) -> tuple[Page, ...]:
        """One page: `{"text": ...}`, its first line the title."""
        return (Page(number=1, of=1, body={"text": plain_text(message)}),)

    def send(self, page: Page, address: Address, *, delivery: int, at: datetime) -> Answer:  # noqa: ARG002
        """Puts the file in place whole or not at all, also if the power fails half way."""
        text: str = page.body["text"]
        final = self._folder / file_name(delivery, text.split("\n", 1)[0])
        unfinished = self._folder / f".{delivery}.unfinished"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with unfinished.open("w", encoding="utf-8", newline="\n") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(final)
            _sync_folder(self._folder)
        except OSError as error:
            return TryLater(
                code="files", detail=f"the file could not be written: {error.strerror}", after=timedelta(minutes=5)
            )
        return Confirmed(detail=final.name)


def file_name(delivery: int, title: str) -> str:
    """The name of a delivery's file: its number, then as much of the title as any file system takes."""
    kept = _NOT_IN_NAMES.sub("_", title).encode()[:MOST_NAME_BYTES].decode(errors="ignore").strip(" .")
    return f"{delivery:06d} {kept}.txt" if kept else f"{delivery:06d}.txt"


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
