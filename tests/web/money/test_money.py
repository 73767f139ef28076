"""The page of money: a clerk files, finance approves, everybody sees the same pots, and nobody's
name or account.
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from bot.actions.registers.take import SentFile, take_in
from bot.domain.decisions.actor import Actor
from bot.views.money.ledger import payments
from tests import ledger2021
from tests.web.conftest import SEASON, Office

HERE = f"/c/{SEASON}/money"
LISTED = "in/money/2021年危房改造补助资金第一批发放清单.xlsx"
AGAIN = "in/money/2021年危房改造补助资金第一批补发发放清单.xlsx"
BACK = "in/returns/回盘_第一批.txt"


@pytest.fixture
def bureau(office: Office) -> Office:
    """The site with the register of 2021 filed by 22 October."""
    for kind, path in (
        ("roster", "in/roster/2021年农村危房改造台账(10月15日).xlsx"),
        ("progress", "in/progress/危房改造进度周报(10月22日).xlsx"),
    ):
        moment = "2021-10-15T09:00:00+08:00" if kind == "roster" else "2021-10-22T18:00:00+08:00"
        with office.app.store.writing() as session:
            take_in(
                session,
                office.enrolled,
                kind,
                SentFile(name=path, content=ledger2021.content(path)),
                by=Actor(name="陈"),
                keys=office.app.sealing_keys,
                at=datetime.fromisoformat(moment),
                payments=payments,
            )
    return office


def preview(office: Office, login: str, kind: str, path: str, **more: Any) -> str:
    answer = office.browser(login).post(
        f"{HERE}/preview",
        {"kind": kind, **more},
        files={
            "file": (path.rpartition("/")[2], ledger2021.content(path), "application/octet-stream")
        },
    )
    return str(answer.text)


def carried(page: str) -> dict[str, Any]:
    """The fields of the form that files what was previewed."""
    form = page.split(f'action="{HERE}/take"')[1].split("</form>")[0]
    fields: dict[str, Any] = dict(
        re.findall(r'name="(kind|name|batch|part)" value="([^"]*)"', form)
    )
    fields["new_account"] = re.findall(r'name="new_account" value="(\d+)"', form)
    return {**fields, "content": form.split("hidden>")[1].split("</textarea>")[0]}


def filed(office: Office, login: str, kind: str, path: str, **more: Any) -> str:
    browser = office.browser(login)
    return browser.told(
        browser.post(f"{HERE}/take", carried(preview(office, login, kind, path, **more)))
    )


def approved(office: Office, login: str, number: int, amount: str) -> Any:
    return office.browser(login).post(
        f"{HERE}/approve", {"number": number, "approved": amount, "paper": "X财农〔2021〕9号"}
    )


def pots(office: Office, login: str = "finance") -> list[str]:
    page = office.browser(login).get(HERE).text
    return re.findall(r'<span class="much">([\d.]+)<span', page)


def test_a_batch_from_the_grant_to_the_bank_and_what_failed_again(bureau: Office) -> None:
    office = bureau
    page = preview(office, "clerk", "grants", "in/money/资金下达.csv")
    assert "这是预览，<strong>还没有记入</strong>" in page
    assert pots(office) == ["0", "0", "0", "0", "0"]
    assert "2笔下达，共5,797,000.00元" in filed(office, "clerk", "grants", "in/money/资金下达.csv")
    assert "待财务批准" in filed(office, "clerk", "list", LISTED)
    assert pots(office) == ["579.7", "0", "0", "0", "579.7"]
    finance = office.browser("finance")
    wrong = finance.told(approved(office, "finance", 1, "569500.01"))
    assert "各行相加是569,500.00元，批准的是569,500.01元" in wrong
    assert "已批准发放（第1次）" in finance.told(approved(office, "finance", 1, "569,500.00"))
    assert pots(office) == ["579.7", "0", "56.95", "0", "522.75"]
    assert "65行中65行是新的答复" in filed(office, "finance", "return", BACK)
    assert pots(office) == ["579.7", "54.7", "0", "2.25", "522.75"]
    page = finance.get(HERE).text
    assert "账户状态异常(睡眠户)，请本人到银行办理后补发" in page.replace("</bdi>", "").replace(
        "<bdi>", ""
    )
    assert "补发清单：第1批3户22,500.00元" in page

    page = preview(office, "clerk", "list", AGAIN)
    assert page.count("是新账号</label>") == 3
    assert f'action="{HERE}/take"' not in page
    page = preview(office, "clerk", "list", AGAIN, new_account=["4", "5", "6"])
    clerk = office.browser("clerk")
    assert "待财务批准" in clerk.told(clerk.post(f"{HERE}/take", carried(page)))
    assert "已批准发放（第2次）" in finance.told(approved(office, "finance", 2, "22500"))
    assert pots(office) == ["579.7", "54.7", "2.25", "0", "522.75"]


def test_who_made_a_list_does_not_approve_it_and_nobody_but_finance_does(bureau: Office) -> None:
    filed(bureau, "finance", "grants", "in/money/资金下达.csv")
    finance = bureau.browser("finance")
    told = finance.told(finance.post(f"{HERE}/list"))
    number = int(re.findall(r"第(\d+)号清单已编制", told)[0])
    assert "须由另一人批准" in finance.told(approved(bureau, "finance", number, "1"))
    assert approved(bureau, "clerk", number, "1").status_code == 403
    assert approved(bureau, "leader", number, "1").status_code == 403


def test_no_name_no_identity_and_no_account_is_on_the_page(bureau: Office) -> None:
    filed(bureau, "clerk", "grants", "in/money/资金下达.csv")
    previews = [
        preview(bureau, "clerk", "list", LISTED),
        preview(bureau, "clerk", "list", "faults/payment-list-faulty.xlsx"),
    ]
    filed(bureau, "clerk", "list", LISTED)
    approved(bureau, "finance", 1, "569500")
    filed(bureau, "clerk", "return", BACK)
    pages = [
        bureau.browser(login).get(HERE).text
        for login in ("clerk", "finance", "leader", "supervisor")
    ]
    told = [
        re.sub(r'<textarea name="content" hidden>[^<]*', "", page) for page in (*pages, *previews)
    ]
    for golden in ledger2021.golden("households"):
        secrets = (golden["name"], golden["id"], *golden["accounts"])
        assert not [secret for page in told for secret in secrets if secret in page]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x00" * 99, "乱写的".encode(), b"%PDF-1.7"]
)
@pytest.mark.parametrize("kind", ["grants", "list", "return", "else"])
def test_whatever_is_sent_is_answered_with_a_sentence(
    office: Office, kind: str, content: bytes
) -> None:
    answer = office.browser("clerk").post(
        f"{HERE}/preview",
        {"kind": kind},
        files={"file": ("x.xlsx", content, "application/octet-stream")},
    )
    assert answer.status_code in (200, 422)
    assert "整份不" in answer.text or "请选一个文件" in answer.text


def test_a_township_gets_its_own_lines_masked(bureau: Office) -> None:
    filed(bureau, "clerk", "grants", "in/money/资金下达.csv")
    filed(bureau, "clerk", "list", LISTED)
    approved(bureau, "finance", 1, "569500")
    filed(bureau, "clerk", "return", BACK)
    answer = bureau.browser("clerk").get(
        f"{HERE}/lines.xlsx", params={"township": "枫荻镇", "state": "failed"}
    )
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    )
    assert [row[1:] for row in rows[1:]] == [
        [
            "WG2021-05-012",
            "李**",
            "***************3853",
            "1",
            "1",
            "7,500.00",
            "退回待补",
            "2021-10-25",
            "账户已销户",
            "核对户名、账号后补发",
        ]
    ]
    assert bureau.browser("leader").get(f"{HERE}/lines.xlsx").status_code == 403


FORM = """shape = "csv"
encoding = "utf-8"
columns = { account = "卡", amount = "钱", code = "果" }
through = ["好"]
failed = ["坏"]
"""


def test_a_form_is_kept_only_when_it_has_read_a_sample(office: Office) -> None:
    browser, there = office.browser("finance"), f"{HERE}/forms"
    fields = {"key": "ours", "text": FORM, "keep": "yes"}
    assert "请选一份银行的回盘样例" in browser.post(f"{there}/try", fields).text
    bad = {"sample": ("a.csv", "卡,钱,果\n1,2,3\n".encode(), "text/csv")}
    assert browser.post(f"{there}/try", fields, files=bad).status_code == 422
    wrong = browser.post(f"{there}/try", {**fields, "text": FORM.replace('"csv"', '"pdf"')}).text
    assert "ours shape：只能是delimited、csv" in wrong
    good = {"sample": ("a.csv", "卡,钱,果\n6228480000000000012,2000,好\n".encode(), "text/csv")}
    tried = browser.post(f"{there}/try", {**fields, "keep": "no"}, files=good).text
    assert "读出1行" in tried
    assert "6228480000000000012" not in tried
    assert "已保存" in browser.told(browser.post(f"{there}/try", fields, files=good))
    assert ">ours</a>" in browser.get(there).text
    assert "已停用" in browser.told(browser.post(f"{there}/end", {"key": "ours"}))
    assert office.browser("leader").get(there).status_code == 403


def test_days_without_an_answer_of_the_bank_are_told(bureau: Office) -> None:
    filed(bureau, "clerk", "grants", "in/money/资金下达.csv")
    filed(bureau, "clerk", "list", LISTED)
    approved(bureau, "finance", 1, "569500")
    assert "没有答复，请催银行回盘" not in bureau.browser("leader").get(HERE).text
    bureau.passes(days=8)
    bureau.leaves("leader")
    assert "没有答复，请催银行回盘" in bureau.browser("leader").get(HERE).text
