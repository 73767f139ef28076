"""`diaodu read`: JSON lines in, readings out, or the reasons word by word."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands.test_commands import CAMPAIGN
from tests.commands.typed import diaodu

LINE = {
    "id": "1",
    "text": "石磬镇9户",
    "sender": "石磬镇-温",
    "at": "2021-10-29T15:00:00+08:00",
    "before": {"石磬镇": {"started": {"total": 24}, "completed": {"total": 8}}},
}


def test_explain_tells_the_clerk_why(tmp_path: Path) -> None:
    told = diaodu(
        tmp_path,
        "read",
        "--campaign",
        CAMPAIGN,
        "--explain",
        stdin=json.dumps(LINE, ensure_ascii=False) + "\n",
    )
    assert told.returncode == 0
    assert "9户\t数量" in told.stdout
    assert "没写累计还是新增" in told.stdout
    assert "依据规则6（累计、新增还是剩余）" in told.stdout
    assert "1 竣工累计9户；2 竣工今日新增9户（累计17户）" in told.stdout
