"""diaodu read --cases: claims beside figures."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from bot.commands import diaodu
from tests import ledger2021


def test_a_line_has_its_claims_beside_its_figures(tmp_path: Path) -> None:
    cases = tmp_path / "cases.json"
    cases.write_text(
        json.dumps(ledger2021.golden("households"), ensure_ascii=False), encoding="utf-8"
    )
    lines = [
        {
            "id": "1",
            "at": "2021-11-02T16:04:00+08:00",
            "sender": "云樟镇-钟",
            "text": "今日竣工2户:刘虚谷、杨拟园",
        },
        {
            "id": "2",
            "at": "2021-11-02T16:04:00+08:00",
            "sender": "云樟镇-钟",
            "text": "竣工21户",
            "before": {"云樟镇": {"started": {"total": 30}, "completed": {"total": 20}}},
        },
        {
            "id": "3",
            "at": "2021-11-02T16:04:00+08:00",
            "sender": "云樟镇-钟",
            "text": "张某某户已竣工",
        },
    ]
    sent = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    told = CliRunner().invoke(
        diaodu, ["read", "--campaign", "rural-housing-2021", "--cases", str(cases)], input=sent
    )
    assert told.exit_code == 0, told.output
    both, figures, nobody = (json.loads(line) for line in told.output.splitlines())
    assert both["outcome"] == "accept"
    assert {claim.get("case") for claim in both["claims"]} == {
        "WG2021-01-001",
        "WG2021-01-027",
        None,
    }
    assert (figures["outcome"], figures["claims"]) == ("accept", [])
    assert figures["figures"][0]["value"] == 21
    assert (nobody["outcome"], nobody["figures"], nobody["claims"]) == ("ask", [], [])
    assert nobody["asked"][0]["why"] == "case_unknown"
