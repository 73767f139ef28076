from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.platforms.server import Platforms

AT = datetime.fromisoformat("2026-10-15T17:30:00+08:00")


@pytest.fixture
def platforms() -> Iterator[Platforms]:
    with Platforms(AT) as server:
        yield server
