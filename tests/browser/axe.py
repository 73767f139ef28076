"""What axe finds on a page that keeps somebody from using it."""

from __future__ import annotations

import json
from functools import cache

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


@cache
def _source() -> str:
    return str(Axe().axe_script)


def serious(page: Page, *rules: str) -> list[tuple[str, str]]:
    """The serious faults as rule and element, found by those rules, or by all; axe is loaded once
    into a page and not again.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_source())
    asked = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    # Only the violations come over: of what is well axe tells as much as the page is long.
    found = page.evaluate(f"axe.run({json.dumps(asked)}).then(told => told.violations)")
    return [
        (one["id"], node["html"][:200])
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]
