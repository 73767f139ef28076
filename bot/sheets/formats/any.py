"""Tells by its first bytes what a file is, whatever its name says, and reads it."""

from __future__ import annotations

from typing import Any

from bot.sheets.formats.raw import FileRefused, RawSheet

MOST_BYTES = 5_000_000
SMALL_TEXT = 100_000
"""Bytes of a text that is read where it is: a roster of a whole county has a tenth of them."""

_OTHERS = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"{\\rtf", "rtf"),
    (b"MIME-Version", "mht"),
)


def parse(content: bytes) -> dict[str, Any]:
    """The sheets of a file as JSON carries them, with the form it really has; FileRefused."""
    if not content.strip(b"\0 \t\r\n"):
        raise FileRefused("empty")
    if len(content) > MOST_BYTES:
        raise FileRefused("large", most=MOST_BYTES // 1_000_000)
    form, sheets = _read(content)
    return {"form": form, "sheets": [sheet.told() for sheet in sheets]}


def is_small_text(content: bytes) -> bool:
    """Whether a file is a text of a few rows, which costs nobody anything: neither packed nor
    marked up, nor much.
    """
    from bot.sheets.formats.html import looks_like_html, looks_like_xml

    packed = content.startswith((b"\xd0\xcf", b"PK")) or b"PK\x03\x04" in content[:64]
    return len(content) <= SMALL_TEXT and not (
        packed or looks_like_html(content) or looks_like_xml(content)
    )


def _read(content: bytes) -> tuple[str, list[RawSheet]]:
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        from bot.sheets.formats.xls import read_xls

        return "xls", read_xls(content)
    if b"PK\x03\x04" in content[:64] or content.startswith(b"PK"):
        from bot.sheets.formats.xlsx import read_xlsx

        return "xlsx", read_xlsx(content)
    for character, kind in _OTHERS:
        if content.startswith(character) and (kind != "picture" or b"\0" in content[:64]):
            raise FileRefused("kind", found=kind)
    from bot.sheets.formats.html import looks_like_html, looks_like_xml, read_html

    if looks_like_xml(content):
        from bot.sheets.formats.xml2003 import read_xml2003

        return "xml", read_xml2003(content)
    if looks_like_html(content):
        return "html", read_html(content)
    from bot.sheets.formats.text import decoded, read_text

    text = decoded(content)
    if text.lstrip("\ufeff \r\n\t").startswith("<?xml"):
        raise FileRefused("kind", found="xml")
    return "csv", read_text(text)
