"""The pages of a register: files filed, cases looked at and corrected, doubts settled; names are
never whole by themselves.
"""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import CaseSubject
from bot.domain.people.roles import Role
from bot.store.decisions import decisions
from tests import ledger2021
from tests.web.conftest import LOGINS, SEASON, Office

HERE = f"/c/{SEASON}"
ROSTER = "in/roster/2021年农村危房改造台账(10月15日).xlsx"
FAULTY = "faults/roster-faulty.xlsx"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def uploaded(path: str) -> Any:
    return {"file": (path.rpartition("/")[2], ledger2021.content(path), XLSX)}


def previewed(office: Office, path: str, kind: str = "roster") -> str:
    answer = office.browser("clerk").post(
        f"{HERE}/filings/preview", {"kind": kind}, files=uploaded(path)
    )
    assert answer.status_code == 200
    return html.unescape(answer.text)


def carried(page: str) -> dict[str, str]:
    """The fields of the form that a preview carries on."""
    names = ("kind", "name", "seen")
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in names}
    content = re.search(r'<textarea name="content" hidden>([^<]*)</textarea>', page)
    assert content
    return {"content": content[1]} | {name: one[1] for name, one in found.items() if one}


def filed(office: Office, path: str, kind: str = "roster") -> str:
    page = previewed(office, path, kind)
    answer = office.browser("clerk").post(f"{HERE}/filings/take", carried(page))
    return html.unescape(office.browser("clerk").told(answer))


@pytest.fixture
def office_with_roster(office: Office) -> Office:
    filed(office, ROSTER)
    return office


def test_a_file_is_previewed_vouched_for_and_listed(office: Office) -> None:
    page = previewed(office, FAULTY)
    assert "还没有记入" in page
    assert "第7行“等级”：鉴定等级与改造方式不符" in page
    assert "还没有来表" in page
    told = filed(office, FAULTY)
    assert "已记入台账：新登记326行" in told
    with office.app.store.reading() as session:
        (decision,) = decisions.decisions(
            session, office.enrolled.campaign.key, [DecisionKind.FILED]
        )
    assert decision.person == "李四"


def test_rows_not_taken_come_back_as_a_workbook(office: Office) -> None:
    page = previewed(office, FAULTY)
    answer = office.browser("clerk").post(f"{HERE}/filings/refused", carried(page))
    assert answer.headers["content-type"] == XLSX
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    )
    assert rows[0][-1] == "原因"
    assert len(rows) > 20


def test_the_second_clerk_is_told_that_the_ledger_moved(office: Office) -> None:
    page = previewed(office, ROSTER)
    filed(office, FAULTY)
    told = office.browser("clerk").told(
        office.browser("clerk").post(f"{HERE}/filings/take", carried(page))
    )
    assert "预览之后台账有了新的变化" in told


def test_the_list_counts_what_it_shows_and_finds(office_with_roster: Office) -> None:
    browser = office_with_roster.browser("leader")
    page = browser.get(f"{HERE}/cases").text
    assert ">341户<" in page
    assert "刘**" in page
    assert "刘虚谷" not in page
    assert ">33户<" in browser.get(f"{HERE}/cases?township=云樟镇").text
    assert ">42户<" in browser.get(f"{HERE}/cases?category=JYS").text
    found = browser.get(f"{HERE}/cases?search=4732").text
    assert "WG2021-01-001" in found
    assert ">1户<" in found
    assert "WG2021-05-016" in browser.get(f"{HERE}/cases?doubt=gap_letter").text


def test_no_page_and_no_download_holds_an_identity_or_an_account(
    office_with_roster: Office,
) -> None:
    browser = office_with_roster.browser("clerk")
    paths = [
        "cases",
        "cases?page=2",
        "cases/WG2021-01-001",
        "doubts",
        "filings",
        "board",
        "overdue",
        "log",
    ]
    pages = "".join(browser.get(f"{HERE}/{path}").text for path in paths)
    sheet = CalamineWorkbook.from_filelike(
        io.BytesIO(browser.get(f"{HERE}/cases.xlsx").content)
    ).get_sheet_by_index(0)
    pages += str(sheet.to_python())
    secrets = {one["id"] for one in ledger2021.golden("households")}
    secrets |= {account for one in ledger2021.golden("households") for account in one["accounts"]}
    secrets |= {one["name"] for one in ledger2021.golden("households")}
    assert "WG2021-19-009" in pages
    assert [secret for secret in secrets if secret in pages] == []


def test_a_clerk_sees_the_whole_name_with_a_reason_that_is_kept(office_with_roster: Office) -> None:
    browser = office_with_roster.browser("clerk")
    here = f"{HERE}/cases/WG2021-01-001"
    assert "请写明理由" in browser.told(browser.post(f"{here}/whole", {"register": "households"}))
    page = browser.post(f"{here}/whole", {"register": "households", "reason": "核对身份证"}).text
    assert "刘虚谷 999999194207054732" in page
    with office_with_roster.app.store.reading() as session:
        (seen,) = decisions.decisions(
            session, office_with_roster.enrolled.campaign.key, [DecisionKind.CASE_SEEN]
        )
    assert (seen.subject, seen.reason) == (CaseSubject(code="WG2021-01-001"), "核对身份证")
    leader = office_with_roster.browser("leader")
    assert (
        leader.post(f"{here}/whole", {"register": "households", "reason": "看看"}).status_code
        == 403
    )


def test_every_mark_has_its_source_and_may_be_corrected(office_with_roster: Office) -> None:
    browser = office_with_roster.browser("clerk")
    here = f"{HERE}/cases/WG2021-01-001"
    page = browser.get(here).text
    assert "2021年农村危房改造台账(10月15日).xlsx 第5行" in page
    change = {
        "register": "households",
        "what": "reach",
        "stage": "started",
        "day": "2021-10-05",
        "reason": "日期填错",
    }
    assert "已登记。" in browser.told(browser.post(f"{here}/change", change))
    number = max(
        int(one) for one in re.findall(r'name="number" value="(\d+)"', browser.get(here).text)
    )
    back = {
        "register": "households",
        "what": "withdraw",
        "number": str(number),
        "reason": "更正有误",
    }
    assert "恢复为此前的记载" in browser.told(browser.post(f"{here}/change", back))
    assert "10月6日" in browser.get(here).text
    undone = {"register": "households", "what": "undo", "stage": "started", "reason": "没有开工"}
    assert "已撤销" in browser.told(browser.post(f"{here}/change", undone))
    again = browser.told(browser.post(f"{here}/change", undone))
    assert "这个环节还没有登记" in again
    leaves = {
        "register": "households",
        "what": "leave",
        "day": "2021-10-28",
        "paper": "X建〔2021〕9号",
        "reason": "放弃",
    }
    assert "已退出名单" in browser.told(browser.post(f"{here}/change", leaves))
    assert (
        ">340户<" not in browser.get(f"{HERE}/cases").text
    )  # the list has all that ever entered, the one that left marked
    assert "已退出" in browser.get(f"{HERE}/cases").text


def test_a_doubt_is_settled_by_a_word_on_exactly_its_facts(office_with_roster: Office) -> None:
    browser = office_with_roster.browser("clerk")
    page = browser.get(f"{HERE}/doubts?kind=gap_letter").text
    assert page.count('class="card"') == 2
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', page)
    assert digest
    told = browser.told(
        browser.post(f"{HERE}/doubts/settle", {"digest": digest[1], "word": "责任书补签中"})
    )
    assert "这项疑点消除" in told
    assert "责任书补签中" in told
    assert browser.get(f"{HERE}/doubts?kind=gap_letter").text.count("已核实，消除") == 1


def test_the_board_has_a_card_of_what_is_verified(office_with_roster: Office) -> None:
    page = office_with_roster.browser("leader").get(f"{HERE}/board").text
    assert "台账核实" in page
    # The roster of 15 October proves 125 up to the day shown.
    assert ">125户<" in page


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("cases", set(Role)),
        ("cases/WG2021-01-001", set(Role)),
        ("doubts", set(Role)),
        ("filings", {Role.CLERK}),
    ],
)
def test_who_may_open_what(
    office_with_roster: Office, role: Role, path: str, may: set[Role]
) -> None:
    login = next(
        (
            login
            for login, (_, campaign, held) in LOGINS.items()
            if held is role and campaign == SEASON
        ),
        None,
    )
    assert login, "somebody of each role"
    assert (office_with_roster.browser(login).get(f"{HERE}/{path}").status_code == 200) == (
        role in may
    )


def test_a_case_nobody_entered_is_no_page(office_with_roster: Office) -> None:
    assert office_with_roster.browser("clerk").get(f"{HERE}/cases/WG2021-99-999").status_code == 404


def test_a_township_ticks_its_own_cases_behind_its_link(office_with_roster: Office) -> None:
    office = office_with_roster
    links = office.browser("clerk").get(f"{HERE}/links").text
    link = re.search(r"(/f/[^\"<\s]+)", links)
    assert link
    browser = office.browser()
    assert "按户填报" in browser.get(link[1]).text
    page = browser.get(f"{link[1]}/cases").text
    codes = re.findall(r'name="case" value="([^"]+)"', page)
    assert codes
    assert {code[:9] for code in codes} == {"WG2021-01"}
    assert "刘虚谷" not in page
    ticked = {"case": codes[0], f"day.{codes[0]}": "2021-10-28"}
    told = browser.told(browser.client.post(f"{link[1]}/cases", data=ticked))
    assert "已报送1户，待台账核实" in told
    assert "申报" in office.browser("clerk").get(f"{HERE}/cases/{codes[0]}").text
    early = {"case": codes[1], f"day.{codes[1]}": "2020-01-01"}
    assert "不能早于" in browser.client.post(f"{link[1]}/cases", data=early).text
    other = {"case": "WG2021-02-001", "day.WG2021-02-001": "2021-10-28"}
    assert browser.client.post(f"{link[1]}/cases", data=other).status_code == 422
