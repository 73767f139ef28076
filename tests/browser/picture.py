"""Pictures of pages for the documentation: small, and to the byte the same as long as the page
looks the same.
"""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

from playwright.sync_api import Page

_SIGNATURE = b"\x89PNG\r\n\x1a\n"

_PALETTE = """
async (png) => {
  const bytes = Uint8Array.from(atob(png), (one) => one.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const data = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
  const colours = new Uint32Array(bitmap.width * bitmap.height);
  const counts = new Map();
  for (let at = 0; at < colours.length; at++) {
    const colour = (data[4 * at] << 16) | (data[4 * at + 1] << 8) | data[4 * at + 2];
    colours[at] = colour;
    counts.set(colour, (counts.get(colour) || 0) + 1);
  }
  const all = [...counts].sort((one, other) => other[1] - one[1] || one[0] - other[0]).map((one) => one[0]);
  const palette = all.slice(0, 256).sort((one, other) => one - other);
  const place = new Map(palette.map((colour, at) => [colour, at]));
  const parts = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];
  const known = palette.map(parts);
  for (const colour of all.slice(256)) {
    const [red, green, blue] = parts(colour);
    let nearest = 0, least = Infinity;
    known.forEach(([r, g, b], at) => {
      const far = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
      if (far < least) [nearest, least] = [at, far];
    });
    place.set(colour, nearest);
  }
  const pixels = Uint8Array.from(colours, (colour) => place.get(colour));
  let text = "";
  for (let at = 0; at < pixels.length; at += 32768) text += String.fromCharCode(...pixels.subarray(at, at + 32768));
  return { width: bitmap.width, height: bitmap.height, palette, pixels: btoa(text) };
}
"""


def small(page: Page, picture: bytes) -> bytes:
    """The PNG with at most 256 colours, the most frequent ones; a rarer one becomes the nearest of
    them.

    `page` is any blank page of a browser, which does the reckoning.
    """
    found = page.evaluate(_PALETTE, base64.b64encode(picture).decode())
    width, height = found["width"], found["height"]
    pixels = base64.b64decode(found["pixels"])
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, width * height, width))
    colours = b"".join(colour.to_bytes(3, "big") for colour in found["palette"])
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", head),
        (b"PLTE", colours),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def keep(path: Path, picture: bytes) -> bool:
    """Writes the picture unless the file holds it already; whether it was written."""
    if path.is_file() and path.read_bytes() == picture:
        return False
    path.write_bytes(picture)
    return True


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
