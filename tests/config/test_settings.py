"""Settings come from the environment over `.env`; every fault is told at once and no secret is ever
repeated.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from dotenv import dotenv_values

from config.settings import ALLOWED, PUBLIC_HOSTS, Settings, SettingsRefused

ROOT = Path(__file__).parents[2]


def written(folder: Path, text: str) -> Path:
    path = folder / ".env"
    path.write_text(text, encoding="utf-8")
    return path


def test_with_nothing_set_the_service_runs_on_sqlite_with_the_sample_campaign() -> None:
    settings = Settings.load({}, None)
    assert settings.database_url == "sqlite:///var/diaodu.sqlite3"
    assert settings.campaigns == ("rural-housing-2021",)
    assert (settings.http_host, settings.http_port, settings.log_level) == (
        "127.0.0.1",
        8765,
        "INFO",
    )
    assert settings.platform_hosts == PUBLIC_HOSTS


def test_a_missing_dotenv_is_no_fault(tmp_path: Path) -> None:
    assert Settings.load({}, tmp_path / ".env") == Settings.load({}, None)


def test_the_environment_wins_over_the_file_and_an_empty_value_is_not_set(tmp_path: Path) -> None:
    dotenv = written(tmp_path, "HTTP_PORT=9000\nLOG_LEVEL=debug\nDATABASE_URL=\n")
    settings = Settings.load({"HTTP_PORT": "9001", "LOG_LEVEL": ""}, dotenv)
    assert (settings.http_port, settings.log_level) == (9001, "DEBUG")
    assert settings.database_url.startswith("sqlite:///")


def test_the_database_lies_in_the_data_folder_unless_named(tmp_path: Path) -> None:
    assert (
        Settings.load({"DATA_DIR": str(tmp_path)}, None).database_url
        == f"sqlite:///{tmp_path}/diaodu.sqlite3"
    )
    assert (
        Settings.load({"DATABASE_URL": "postgresql://h/d"}, None).database_url == "postgresql://h/d"
    )


def test_lists_are_set_apart_by_commas() -> None:
    settings = Settings.load(
        {"CAMPAIGNS": "a.toml, b ,", "PLATFORM_HOSTS": "Chat.Example.org,http://127.0.0.1:8080/"},
        None,
    )
    assert settings.campaigns == ("a.toml", "b")
    assert settings.platform_hosts == ("chat.example.org", "http://127.0.0.1:8080")


def test_a_group_finds_its_address_by_name_and_nothing_prints_it(tmp_path: Path) -> None:
    dotenv = written(
        tmp_path,
        "WECOM_ALL=https://qyapi.weixin.qq.com/send?key=k1#x\nROBOT_SECRET='SEC${HOME}$1'\nEMPTY=\n",
    )
    settings = Settings.load({"DATABASE_URL": "postgresql://u:p4ss@h/d"}, dotenv)
    assert settings.secret("WECOM_ALL") == "https://qyapi.weixin.qq.com/send?key=k1#x"
    assert settings.secret("ROBOT_SECRET") == "SEC${HOME}$1"
    assert settings.secret("EMPTY") is None
    assert settings.secret("NEVER_SET") is None
    for secret in ("key=k1", "SEC", "p4ss"):
        assert secret not in f"{settings!r} {settings}"


REFUSED = [
    ("DATABASE_URL", "mysql://u:p4ss@h/d", "(hidden)"),
    ("DATABASE_URL", "var/diaodu.sqlite3", "(hidden)"),
    ("CAMPAIGNS", " , ", "' , '"),
    ("HTTP_HOST", "my host", "'my host'"),
    ("HTTP_PORT", "http", "'http'"),
    ("HTTP_PORT", "65536", "'65536'"),
    ("HTTP_PORT", "-1", "'-1'"),
    ("LOG_LEVEL", "loud", "'loud'"),
    ("PLATFORM_HOSTS", "ftp://example.org", "(hidden)"),
    ("PLATFORM_HOSTS", "example.org/robot", "'example.org/robot'"),
    ("PLATFORM_HOSTS", "example.org:99999", "'example.org:99999'"),
    ("PLATFORM_HOSTS", "https://example.org/?key=p4ss", "(hidden)"),
    ("DATA_DIR", __file__, repr(__file__)),
]


@pytest.mark.parametrize(("key", "value", "shown"), REFUSED)
def test_each_fault_names_source_key_value_and_what_is_allowed(
    tmp_path: Path, key: str, value: str, shown: str
) -> None:
    with pytest.raises(SettingsRefused) as refused:
        Settings.load({key: value}, None)
    assert refused.value.faults == (f"environment: {key} = {shown}: allowed is {ALLOWED[key]}",)
    dotenv = written(tmp_path, f"{key}='{value}'\n")
    with pytest.raises(SettingsRefused) as refused:
        Settings.load({}, dotenv)
    assert refused.value.faults == (f"{dotenv}: {key} = {shown}: allowed is {ALLOWED[key]}",)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    dotenv = written(
        tmp_path,
        "HTTP_PORT=x\nthis is no line of settings p4ss\nLOG_LEVEL\nDATABASE_URI=postgresql://u:p4ss@h/d\n",
    )
    with pytest.raises(SettingsRefused) as refused:
        Settings.load({"LOG_LEVEL": "loud"}, dotenv)
    assert refused.value.faults == (
        f"{dotenv}: line 2: must be a comment, or KEY=value",
        f"{dotenv}: line 3: must be a comment, or KEY=value",
        f"{dotenv}: DATABASE_URI: is no setting; did you mean DATABASE_URL?",
        f"{dotenv}: HTTP_PORT = 'x': allowed is {ALLOWED['HTTP_PORT']}",
        f"environment: LOG_LEVEL = 'loud': allowed is {ALLOWED['LOG_LEVEL']}",
    )
    assert str(refused.value).count("\n") == 4


def test_a_damaged_dotenv_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("口令=密".encode("gbk"))
    with pytest.raises(SettingsRefused, match="is not UTF-8 text"):
        Settings.load({}, tmp_path / ".env")
    with pytest.raises(SettingsRefused, match="cannot be read"):
        Settings.load({}, tmp_path)


def test_the_example_explains_every_setting_and_changes_none(tmp_path: Path) -> None:
    example = ROOT / ".env.example"
    assert set(dotenv_values(example, interpolate=False)) == set(ALLOWED)
    assert Settings.load({}, example) == Settings.load({}, None)
    lines = example.read_text(encoding="utf-8").splitlines()
    for key in ALLOWED:
        (at,) = [number for number, line in enumerate(lines) if line.startswith(f"{key}=")]
        assert lines[at - 1].startswith("#") or lines[at - 2].startswith("#"), key
