"""The bank's words ask for one of three things to do, and are shown without the names in them."""

from __future__ import annotations

import pytest

from bot.domain.money.reasons import ToDo, masked_words, to_do
from config.banks import reason_words


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("户名不符", ToDo.MEND),
        ("户名不符,原户名为[张三]", ToDo.MEND),
        ("身份证号与账户不符", ToDo.MEND),
        ("账户不存在", ToDo.MEND),
        ("已销户", ToDo.MEND),
        ("账户已销户", ToDo.MEND),
        ("该户为非结算户,不能转帐", ToDo.MEND),
        ("账户状态异常(睡眠户)", ToDo.HOLDER),
        ("社保卡未激活", ToDo.HOLDER),
        ("完全冻结", ToDo.HOLDER),
        ("只进不出", ToDo.HOLDER),
        ("介质状态异常", ToDo.HOLDER),
        ("超过单笔限额", ToDo.RETRY),
        ("系统繁忙，请稍后再试", ToDo.RETRY),
        ("代理次数错误！应该为[2]", ToDo.RETRY),
        ("其他", ToDo.ASK),
        ("", ToDo.ASK),
        ("主机返回代码E123", ToDo.ASK),
    ],
)
def test_words_ask_for_what_is_to_be_done(said: str, what: ToDo) -> None:
    assert to_do(said, reason_words()) is what


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("户名不符,原户名为[张三丰]", "户名不符,原户名为[张**]"),
        ("户名不符(应为王五)", "户名不符(应为王**)"),
        ("户名不符,账户名为李四", "户名不符,账户名为李**"),
        ("查找账号[6228480000000000012]信息错", "查找账号[****0012]信息错"),
        ("账户状态异常(睡眠户)", "账户状态异常(睡眠户)"),
        ("代理次数错误！应该为[2]", "代理次数错误！应该为[2]"),
    ],
)
def test_names_and_numbers_in_the_words_are_masked(said: str, shown: str) -> None:
    assert masked_words(said) == shown
