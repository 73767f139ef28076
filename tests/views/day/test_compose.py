"""Every kind of notice, to the letter: the golden texts of `config/wording/`."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from bot.domain.campaigns.campaign import Campaign, NoticeKind, RankingRule, TieBreak
from bot.domain.campaigns.workdays import ScheduledRun, planned_close, strike_for
from bot.domain.figures.progress import DaySheet, day_sheets
from bot.domain.notices.notice import Notice
from bot.views.day import compose
from config.wording import templates
from tests.builders import day, figure, rural_housing_2021, small_campaign
from tests.domain.day.test_season import FIGURES

SEASON = rural_housing_2021()


def struck(campaign: Campaign, job: str, on: str, late: timedelta = timedelta(0)) -> ScheduledRun:
    planned = strike_for(campaign, job, day(on), campaign.moment(day(on), campaign.cutoff)).planned
    return strike_for(campaign, job, day(on), planned + late)


def sheets(on: str) -> tuple[DaySheet, ...]:
    return day_sheets(SEASON, FIGURES, day(on), planned_close(SEASON, day(on)))


def words(notice: Notice | None) -> str:
    assert notice is not None
    return f"{notice.title}\n{notice.text}"


def test_the_bulletin() -> None:
    notice = compose.bulletin(
        templates, SEASON, 1, struck(SEASON, "bulletin", "10-31"), sheets("10-31")
    )
    assert words(notice) == (
        "【危房改造每日调度】第17期\n"
        "截至10月31日17:30：\n"
        "全市任务341户，竣工204户（今日+8），竣工率59.82%；剩余137户，距11月20日还有20天，日均至少需竣工7户，近7日日均6.3户。\n"
        "其中：C级维修171/227，D级重建22/72，交钥匙11/42。\n"
        "其他环节：开工338户（99.12%）。\n"
        "前三：兰皋镇、梅砚街道、汀前街道（并列第1，100.00%）。\n"
        "后三：石磬镇（9/25，36.00%）、石磴乡（4/14，28.57%）、茶埂乡（3/11，27.27%）。\n"
        "连续5日以上零进展：茶埂乡（15日）、石磴乡（13日）、竹篁乡（10日）、麻岫乡（5日）、苍峦林场（5日）。\n"
        "未按时报送：云樟镇（沿用10月30日数据）、竹篁乡（沿用10月29日数据）。\n"
        "市住建局农房办 10月31日"
    )
    assert (notice.kind, notice.number) == (NoticeKind("bulletin"), 17)
    assert notice.table is not None
    assert notice.table.head == ("名次", "乡镇", "竣工/任务", "竣工率", "今日")
    assert notice.table.rows[0] == ("1↑2", "兰皋镇", "20/20", "100.00%", "+1")
    assert notice.table.rows[10] == ("11↓1", "云樟镇*", "18/33", "54.55%", "+0")
    assert notice.table.notes == ("按竣工率排名，同率并列；规则第1版。", "*未报，沿用上次数据。")


def test_the_last_bulletin_names_nobody_first_or_last() -> None:
    notice = compose.bulletin(
        templates, SEASON, 1, struck(SEASON, "bulletin", "11-20"), sheets("11-20")
    )
    assert words(notice) == (
        "【危房改造每日调度】第37期\n"
        "截至11月20日17:30：\n"
        "全市任务341户，竣工341户（今日+3），竣工率100.00%，已全部竣工。\n"
        "其中：C级维修227/227，D级重建72/72，交钥匙42/42。\n"
        "其他环节：开工341户（100.00%）。\n"
        "未按时报送：无。\n"
        "市住建局农房办 11月20日"
    )


def test_a_late_bulletin_says_for_which_moment_it_stands_and_which_issues_it_merges() -> None:
    strike = struck(SEASON, "bulletin", "10-31", timedelta(minutes=100))
    notice = compose.bulletin(templates, SEASON, 1, strike, sheets("10-31"), merged=(15, 16))
    assert notice.catch_up
    assert "截至10月31日17:30：" in notice.text
    assert "本期合并第15、16期。\n本期应于10月31日17:30发出，现予补发。" in notice.text


def test_the_call() -> None:
    notice = compose.call(
        templates, SEASON, 1, struck(SEASON, "call", "10-31"), sheets("10-30")[-1]
    )
    assert words(notice) == (
        "【危房改造】10月31日报送提醒\n"
        "各乡镇：请于今日17:00前报送竣工进度，没有变化也请报一声。一句话即可，例如“今日竣工2户，累计17户”。\n"
        "截至10月30日：全市累计竣工196户（当日+3），竣工率57.48%，剩余145户。\n"
        "梅砚街道、汀前街道已全部竣工，不必再报。\n"
        "市住建局农房办 10月31日"
    )


def test_nobody_is_called_when_all_are_done() -> None:
    assert (
        compose.call(templates, SEASON, 1, struck(SEASON, "call", "11-20"), sheets("11-20")[-1])
        is None
    )


def test_the_reminder_names_the_missing_and_calls_their_contacts() -> None:
    notice = compose.remind(
        templates, SEASON, 1, struck(SEASON, "remind", "10-31"), sheets("10-31")[-1], {"竹篁乡"}
    )
    assert words(notice) == (
        "【危房改造】10月31日未报提醒\n"
        "截至16:00，今日尚未报送的有1个：云樟镇。请于17:00前报送，没有变化也请报一声。\n"
        "已报待确认的有1个：竹篁乡，请回复群内的询问。\n"
        "市住建局农房办 10月31日"
    )
    assert notice is not None
    assert [mention.name for mention in notice.mentions] == ["云樟镇-钟", "竹篁乡-邹"]
    assert all(mention.phone is None for mention in notice.mentions)


def test_the_overdue_list() -> None:
    notice = compose.overdue_list(
        templates, SEASON, 1, struck(SEASON, "overdue", "10-31"), sheets("10-31")
    )
    assert words(notice) == (
        "【危房改造】10月31日逾期清单\n"
        "截至10月31日17:40，应办未办19项：\n"
        "未按时报送：竹篁乡（邹某），连续2日（自10月30日）；云樟镇（钟某），连续1日（自10月31日）。\n"
        "未达序时进度：云樟镇（钟某），18/33，应达21，差3户，连续15日；枫荻镇（郭某），13/21，应达14，差1户，连续14日；青禾渡镇（黄某），10/23，应达14，差4户，连续14日；石磬镇（温某），9/25，应达14，差5户，连续13日；杉源乡（彭某），6/16，应达9，差3户，连续13日；茶埂乡（叶某），3/11，应达6，差3户，连续12日；石磴乡（刘某），4/14，应达7，差3户，连续10日；竹篁乡（邹某），8/17，应达10，差2户，连续7日；荷舟镇（曹某），11/18，应达12，差1户，连续6日；上枫荻乡（曾某），8/14，应达9，差1户，连续3日；麻岫乡（蓝某），5/13，应达6，差1户，连续3日；苍峦林场（何某），4/9，应达5，差1户，连续1日。\n"
        "零进展：茶埂乡（叶某），连续15日（自10月16日）；石磴乡（刘某），连续13日（自10月18日）；竹篁乡（邹某），连续10日（自10月20日）；麻岫乡（蓝某），连续5日（自10月27日）；苍峦林场（何某），连续5日（自10月27日）。\n"
        "建议（须经人员决定后执行）：书面说明：云樟镇、枫荻镇、青禾渡镇、石磬镇、杉源乡、茶埂乡、石磴乡、竹篁乡；约谈：茶埂乡、石磴乡、竹篁乡。\n"
        "市住建局农房办 10月31日"
    )


def test_the_digest() -> None:
    notice = compose.digest(
        templates, SEASON, 1, struck(SEASON, "digest", "10-31"), sheets("10-31")
    )
    assert words(notice) == (
        "【危房改造】11月1日晨报\n"
        "10月31日17:30：全市竣工204/341户，59.82%，当日+8。\n"
        "剩余137户，距期限19天，日均至少需7户，近7日日均6.3户，尚不能按现有速度如期完成。\n"
        "已全部竣工：3个（兰皋镇、梅砚街道、汀前街道）。\n"
        "后三：石磬镇（9/25）、石磴乡（4/14）、茶埂乡（3/11）。\n"
        "连续5日以上零进展：茶埂乡（15日）、石磴乡（13日）、竹篁乡（10日）、麻岫乡（5日）、苍峦林场（5日）。\n"
        "未报送：云樟镇、竹篁乡。\n"
        "市住建局农房办 11月1日"
    )


def test_without_ranking_totals_stay_and_no_rank_is_printed() -> None:
    campaign = rural_housing_2021(ranking=RankingRule(enabled=False))
    notice = compose.bulletin(
        templates, campaign, 1, struck(campaign, "bulletin", "10-31"), sheets("10-31")
    )
    assert "前三" not in notice.text
    assert "竣工204户" in notice.text
    assert notice.table is not None
    assert notice.table.head[0] == "乡镇"
    assert [row[0] for row in notice.table.rows][:2] == ["云樟镇*", "桐岗镇"]


def test_tie_breaks_are_printed_and_a_township_without_a_task_is_left_out_by_name() -> None:
    campaign = small_campaign(
        {"甲镇": 10, "乙镇": 20, "丙镇": 0},
        ranking=RankingRule(tie_breaks=(TieBreak.LARGER_TARGET,)),
    )
    figures = [
        figure(1, "甲镇", day("11-01"), Decimal(5)),
        figure(2, "乙镇", day("11-01"), Decimal(10)),
    ]
    told = day_sheets(campaign, figures, day("11-01"), planned_close(campaign, day("11-01")))
    notice = compose.bulletin(templates, campaign, 1, struck(campaign, "bulletin", "11-01"), told)
    assert notice.table is not None
    assert [row[:2] for row in notice.table.rows] == [("1", "乙镇"), ("2", "甲镇")]
    assert notice.table.notes == (
        "按竣工率排名，同率并列，再按任务数大者在前；规则第1版。",
        "无任务：丙镇。",
    )
