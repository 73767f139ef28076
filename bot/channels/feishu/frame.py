"""The frames of Feishu's long connection: a protobuf message of nine fields, read and written by
hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

CONTROL, DATA = 0, 1
MOST_HEADERS = 64
MOST_TEXT = 4096

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MASK = (1 << 64) - 1


class NoFrame(ValueError):
    """These bytes are no frame."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One frame. `headers` are in order; `payload` and what follows are None where they were not
    sent.
    """

    sequence: int = 0
    log: int = 0
    service: int
    method: int
    headers: tuple[tuple[str, str], ...] = ()
    payload_encoding: str | None = None
    payload_type: str | None = None
    payload: bytes | None = field(default=None, repr=False)
    log_new: str | None = None

    def header(self, name: str) -> str:
        """The first header of that name; empty when there is none."""
        return next((value for key, value in self.headers if key == name), "")


def written(frame: Frame) -> bytes:
    """The frame as it goes over the wire; the four numbers are always sent, as the platform's own
    client does.
    """
    out = bytearray()
    for number, value in enumerate((frame.sequence, frame.log, frame.service, frame.method), 1):
        out += _key(number, _VARINT) + _varint(value & _MASK)
    for name, text in frame.headers:
        out += _chunk(5, _chunk(1, name.encode()) + _chunk(2, text.encode()))
    for number, told in ((6, frame.payload_encoding), (7, frame.payload_type)):
        out += _chunk(number, told.encode()) if told is not None else b""
    out += _chunk(8, frame.payload) if frame.payload is not None else b""
    out += _chunk(9, frame.log_new.encode()) if frame.log_new is not None else b""
    return bytes(out)


def read(content: bytes) -> Frame:
    """The frame these bytes are; fields we do not know are passed over. NoFrame for anything
    else.
    """
    numbers = {1: 0, 2: 0, 3: 0, 4: 0}
    texts: dict[int, str] = {}
    payload: bytes | None = None
    headers: list[tuple[str, str]] = []
    for number, value in _fields(content):
        if number in numbers:
            if not isinstance(value, int):
                raise NoFrame("a number is none")
            numbers[number] = value
        elif number in (5, 6, 7, 8, 9):
            if not isinstance(value, bytes):
                raise NoFrame("a text is none")
            if number == 5:
                headers.append(_header(value))
                if len(headers) > MOST_HEADERS:
                    raise NoFrame("too many headers")
            elif number == 8:
                payload = value
            else:
                texts[number] = _text(value)
    return Frame(
        sequence=numbers[1],
        log=numbers[2],
        service=_int32(numbers[3]),
        method=_int32(numbers[4]),
        headers=tuple(headers),
        payload_encoding=texts.get(6),
        payload_type=texts.get(7),
        payload=payload,
        log_new=texts.get(9),
    )


def _header(content: bytes) -> tuple[str, str]:
    found = {1: "", 2: ""}
    for number, value in _fields(content):
        if number in found:
            if not isinstance(value, bytes):
                raise NoFrame("a header is none")
            found[number] = _text(value)
    return found[1], found[2]


def _fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(content):
        key, at = _number(content, at)
        number, kind = key >> 3, key & 7
        if not number:
            raise NoFrame("a field without a number")
        if kind == _VARINT:
            value, at = _number(content, at)
            yield number, value
            continue
        if kind not in (_BYTES, _FIXED64, _FIXED32):
            raise NoFrame("a field of no known kind")
        length = {_FIXED64: 8, _FIXED32: 4}.get(kind, 0)
        if kind == _BYTES:
            length, at = _number(content, at)
        if length > len(content) - at:
            raise NoFrame("a field beyond the end")
        yield number, content[at : at + length]
        at += length


def _number(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(content):
            raise NoFrame("a number beyond the end")
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & _MASK, at
    raise NoFrame("a number too long")


def _int32(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def _text(content: bytes) -> str:
    if len(content) > MOST_TEXT:
        raise NoFrame("a text too long")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise NoFrame("a text that is none") from None


def _key(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _chunk(number: int, content: bytes) -> bytes:
    return _key(number, _BYTES) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
