"""Setting up on a page: a campaign of the ledger is served like a file's, changed as a version, and
loses nothing.
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.actions.campaigns.keep_address import AddressRefused, keep_address, opened, seal_anew
from bot.actions.campaigns.set_up import Over, end, examine, resume, set_up
from bot.actions.replies.collect import collect
from bot.app import App
from bot.channels import open_channels
from bot.channels.channel import Address
from bot.domain.campaigns.campaign import Campaign, CampaignKey, GroupKey, NoticeKind
from bot.domain.decisions.actor import Actor
from bot.domain.replies.reading import Incoming, Outcome
from bot.store import Store
from bot.store.campaigns import addresses, setups, versions
from bot.store.decisions import decisions
from bot.store.notices import notices
from config.campaign_file.form import campaign_from_form, raw_of
from config.campaign_file.loader import CampaignRefused, LoadedCampaign
from config.settings import Settings
from jobs import JOBS
from tests.builders import at
from tests.config.test_form import FORM, ROSTER
from tests.store.facts import about

TOILETS = CampaignKey("toilets-2022")
GROUP = GroupKey("group1")
MORNING = at("2022-03-01 08:00")
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="


def made(roster: str = ROSTER, **changes: Any) -> LoadedCampaign:
    form = {**FORM, **{name.replace("__", "."): [value] for name, value in changes.items()}}
    return campaign_from_form(
        raw_of(form),
        ("t.csv", roster.encode()),
        platforms={"console", "files", "wecom", "dingtalk"},
        jobs=JOBS,
    )


def an_app(store: Store, folder: Any, **settings: str) -> App:
    """A process of the installation."""
    import io

    channels = open_channels(
        hosts=["qyapi.weixin.qq.com"], console=io.StringIO(), folder=folder / "notices"
    )
    return App(settings=Settings.load(settings, None), store=store, channels=channels, jobs=JOBS)


def sets_up(
    app: App, loaded: LoadedCampaign, when: str = "2022-03-01 08:00", over: int | None = None
) -> int:
    with app.store.writing() as session:
        seen = None if over is None else Over(key=loaded.campaign.key, version=over)
        return set_up(session, loaded, over=seen, person=Actor(name="李四"), at=at(when)).version


def refusal(app: App, loaded: LoadedCampaign, over: int | None = None, **more: Any) -> list[str]:
    seen = None if over is None else Over(key=TOILETS, version=over)
    with app.store.reading() as session, pytest.raises(CampaignRefused) as told:
        examine(session, loaded, over=seen, files=more.get("files", ()), at=at("2022-03-02 09:00"))
    return [fault.chinese() for fault in told.value.faults]


def test_a_campaign_set_up_by_one_process_is_served_by_another(store: Store, tmp_path: Any) -> None:
    page, service = an_app(store, tmp_path), an_app(store, tmp_path)
    assert not service.campaigns
    assert sets_up(page, made()) == 1
    assert service.take_up()
    assert not service.take_up()
    enrolled = service.campaigns[TOILETS]
    assert service.tick(enrolled, at("2022-03-01 08:31")) == 1
    with store.reading() as session:
        assert [notice.kind for _, notice in notices.notices(session, TOILETS)] == [
            NoticeKind("call")
        ]
        (decision,) = decisions.decisions(session, TOILETS)
    assert (decision.person, decision.kind, about(decision)) == ("李四", "set up", "version 1")


def test_a_change_is_a_new_version_taken_up_while_running_and_the_same_again_is_none(
    store: Store, tmp_path: Any
) -> None:
    page, service = an_app(store, tmp_path), an_app(store, tmp_path)
    sets_up(page, made())
    service.take_up()
    assert sets_up(page, made(title="全县厕所革命"), "2022-03-01 09:00", over=1) == 2
    assert sets_up(page, made(title="全县厕所革命"), "2022-03-01 09:05", over=2) == 2
    assert service.take_up()
    assert service.campaigns[TOILETS].campaign.title == "全县厕所革命"
    assert service.campaigns[TOILETS].version == 2
    with store.reading() as session:
        assert len(decisions.decisions(session, TOILETS)) == 2
        assert "全县户厕改造" in versions.version_content(session, TOILETS, 1)


def test_a_campaign_that_is_ended_is_served_no_more_until_it_is_resumed(
    store: Store, tmp_path: Any
) -> None:
    app = an_app(store, tmp_path)
    sets_up(app, made())
    app.take_up()
    with store.writing() as session:
        end(
            session,
            TOILETS,
            person=Actor(name="李四"),
            reason="并入乡村建设",
            at=at("2022-03-05 09:00"),
        )
    assert app.take_up()
    assert TOILETS not in app.campaigns
    with store.writing() as session:
        resume(session, TOILETS, person=Actor(name="李四"), reason="", at=at("2022-03-06 09:00"))
    app.take_up()
    assert app.campaigns[TOILETS].version == 1
    with store.reading() as session:
        assert setups.setups(session)[TOILETS].in_force


def test_the_key_of_a_file_is_refused_and_a_file_wins(store: Store, tmp_path: Any) -> None:
    app = an_app(store, tmp_path)
    (told,) = refusal(app, made(), files={TOILETS})
    assert told == "编号：“toilets-2022”由专项文件管理，只能由管理员在文件里修改；新建请换一个编号"
    sets_up(app, made())
    from_file = an_app(store, tmp_path)
    loaded = made(title="文件里的")
    from_file.enrol(loaded, at("2022-03-01 09:00"))
    from_file.take_up()
    assert from_file.campaigns[TOILETS].campaign.title == "文件里的"


def test_a_key_that_was_used_is_refused_for_another_campaign(store: Store, tmp_path: Any) -> None:
    app = an_app(store, tmp_path)
    sets_up(app, made())
    assert "以前用过" in refusal(app, made(title="另一项"))[0]
    assert "编号不能改" in refusal(app, made(key="toilets-2023"), over=1)[0]


def test_of_two_who_change_at_once_the_second_is_told_by_whom(store: Store, tmp_path: Any) -> None:
    app = an_app(store, tmp_path)
    sets_up(app, made())
    sets_up(app, made(title="甲"), "2022-03-01 10:30", over=1)
    (told,) = refusal(app, made(title="乙"), over=1)
    assert told == "编号：李四已于03-01 10:30改过本专项；请打开最新的设置再改"


def test_what_a_change_would_lose_is_refused_with_every_reason(store: Store, tmp_path: Any) -> None:
    app = an_app(store, tmp_path)
    sets_up(app, made())
    app.take_up()
    said = Incoming(
        id="1",
        text="甲溪镇竣工累计12座，开工累计15座",
        sender="甲溪镇-赵",
        at=at("2022-03-01 10:00"),
    )
    reading = collect(
        store, app.campaigns[TOILETS], app.reading_wording, channel="g", incoming=said, at=said.at
    )
    assert reading is not None
    assert reading.outcome is Outcome.ACCEPT, reading
    app.tick(app.campaigns[TOILETS], at("2022-03-01 17:31"))
    roster = "乡镇,任务数,新建\n乙山乡,12,12\n"
    told = refusal(app, made(roster, start="2022-03-02", unit="户"), over=1)
    assert told == [
        "开始日期：2022-03-01至2022-03-01已经通报并编了期号，改动不能影响这些天的报送和通报",
        "乡镇：甲溪镇已有数据（现为12座），不能去掉或改名；如不再有任务，请把任务数改为已完成数",
        "计量单位：已有以“座”计的数据，单位不能改",
    ]
    low = refusal(app, made(ROSTER.replace("30,10,20", "14,4,10")), over=1)
    assert low == ["乡镇：甲溪镇已报开工15座，任务数不能低于它"]
    with store.reading() as session:
        (effect,) = examine(
            session,
            made(ROSTER.replace("30,10,20", "15,5,10")),
            over=Over(key=TOILETS, version=1),
            files=(),
            at=at("2022-03-02 09:00"),
        )
    assert (effect.township, effect.value, effect.target) == ("甲溪镇", (12, 12), (30, 15))


def keeps(app: App, url: str, secret: str | None = None, campaign: Campaign | None = None) -> str:
    campaign = campaign or app.campaigns[TOILETS].campaign
    (group,) = campaign.groups
    with app.store.writing() as session:
        return keep_address(
            session,
            campaign.key,
            group,
            Address(url, secret),
            channel=app.channels[group.platform],
            keys=app.secret_keys,
            person=Actor(name="李四"),
            at=MORNING,
        )


def test_an_address_entered_on_a_page_is_sealed_and_used_by_every_process(
    store: Store, tmp_path: Any
) -> None:
    page, service = (an_app(store, tmp_path, SECRET_KEY="k" * 40) for _ in range(2))
    sets_up(page, made())
    for app in (page, service):
        app.take_up()
    before = service.robots.of(TOILETS, GROUP)
    assert before is not None
    assert before.address.url == ""
    shown = keeps(page, f" {WECOM}s3cret-1 ")
    assert service.take_up()
    after = service.robots.of(TOILETS, GROUP)
    assert after is not None
    assert (after.address.url, after.fingerprint) == (f"{WECOM}s3cret-1", shown)
    with store.reading() as session:
        (kept,) = addresses.addresses(session).values()
        told = [(one.kind, about(one)) for one in decisions.decisions(session, TOILETS)]
    assert "s3cret" not in kept.sealed
    assert (kept.person, kept.set_at) == ("李四", MORNING)
    assert told[-1] == ("address set", "group group1")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "还没有填写机器人地址"),
        ("5f7d2a10-3c1e-4b7a-9d51-0a1b2c3d4e5f", "请粘贴完整的机器人地址"),
        ("qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", "请粘贴完整的机器人地址"),
        ("SECb5f2c9", "请粘贴完整的机器人地址"),
        ("https://evil.example/cgi-bin/webhook/send?key=k", "这个网址不在允许发送的名单里"),
        ("http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", "地址必须以https://开头"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/sent?key=k", "这不是群机器人的地址"),
        ("https://oapi.dingtalk.com/robot/send?access_token=k", "这个网址不在允许发送的名单里"),
        (f"{WECOM}键", "地址里有不该有的字符"),
    ],
)
def test_an_address_that_leads_elsewhere_is_not_kept(
    store: Store, tmp_path: Any, url: str, told: str
) -> None:
    app = an_app(store, tmp_path, SECRET_KEY="k" * 40)
    sets_up(app, made())
    app.take_up()
    with pytest.raises(AddressRefused) as refused:
        keeps(app, url)
    assert refused.value.told.chinese().startswith(told)
    with store.reading() as session:
        assert not addresses.addresses(session)


def test_without_a_key_no_address_is_taken_and_a_group_that_needs_none_says_so(
    store: Store, tmp_path: Any
) -> None:
    app = an_app(store, tmp_path)
    sets_up(app, made())
    app.take_up()
    with pytest.raises(AddressRefused, match="SECRET_KEY is not set"):
        keeps(app, f"{WECOM}k")
    keyed = an_app(store, tmp_path, SECRET_KEY="k" * 40)
    with pytest.raises(AddressRefused) as refused:
        keeps(keyed, f"{WECOM}k", campaign=made(**{"groups[1].platform": "files"}).campaign)
    assert refused.value.told.chinese() == "文件不需要地址"


def test_a_changed_key_opens_nothing_sends_nothing_and_the_old_one_beside_it_opens_all(
    store: Store, tmp_path: Any
) -> None:
    old = an_app(store, tmp_path, SECRET_KEY="a" * 40)
    sets_up(old, made())
    old.take_up()
    keeps(old, f"{WECOM}s3cret-1", "SEC1")
    other = an_app(store, tmp_path, SECRET_KEY="b" * 40)
    other.take_up()
    robot = other.robots.of(TOILETS, GROUP)
    assert robot is not None
    assert robot.address.url == ""
    both = an_app(store, tmp_path, SECRET_KEY="b" * 40, SECRET_KEY_BEFORE="a" * 40)
    both.take_up()
    robot = both.robots.of(TOILETS, GROUP)
    assert robot is not None
    assert (robot.address.url, robot.address.secret) == (f"{WECOM}s3cret-1", "SEC1")
    with store.writing() as session:
        assert seal_anew(session, both.secret_keys, person=Actor(name="李四"), at=MORNING) == 1
        assert seal_anew(session, both.secret_keys, person=Actor(name="李四"), at=MORNING) == 0
    assert other.take_up()
    robot = other.robots.of(TOILETS, GROUP)
    assert robot is not None
    assert robot.address.url == f"{WECOM}s3cret-1"


def test_a_sealed_address_is_of_no_use_for_another_group(store: Store, tmp_path: Any) -> None:
    from dataclasses import replace

    app = an_app(store, tmp_path, SECRET_KEY="k" * 40)
    sets_up(app, made())
    app.take_up()
    keeps(app, f"{WECOM}k")
    with store.reading() as session:
        (kept,) = addresses.addresses(session).values()
    assert opened(kept, app.secret_keys) is not None
    assert opened(replace(kept, group=GroupKey("leaders")), app.secret_keys) is None
    assert opened(replace(kept, sealed="nothing"), app.secret_keys) is None


def test_a_group_that_is_gone_or_changes_its_platform_leaves_no_address(
    store: Store, tmp_path: Any
) -> None:
    app = an_app(store, tmp_path, SECRET_KEY="k" * 40)
    sets_up(app, made())
    app.take_up()
    keeps(app, f"{WECOM}k")
    sets_up(app, made(**{"groups[1].platform": "dingtalk"}), "2022-03-01 09:00", over=1)
    with store.reading() as session:
        assert not addresses.addresses(session)
