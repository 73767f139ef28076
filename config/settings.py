"""The settings of an installation: the only reader of the environment and of `.env`."""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

PUBLIC_HOSTS = (
    "qyapi.weixin.qq.com",
    "oapi.dingtalk.com",
    "api.dingtalk.com",
    "open.feishu.cn",
    "open.larksuite.com",
)
DEFAULT_CAMPAIGN = "rural-housing-2021"


class SettingsRefused(Exception):
    """Settings that cannot be used; `faults` are all that were found, each naming file, key, value
    and what is allowed.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def _listed(text: object) -> object:
    return (
        tuple(part.strip() for part in text.split(",") if part.strip())
        if isinstance(text, str)
        else text
    )


def _folder(path: Path) -> Path:
    if path.exists() and not path.is_dir():
        raise ValueError("is a file")
    return path


def _host(text: str) -> str:
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.username
        or parts.path.strip("/")
    ):
        raise ValueError("is no host")
    if (
        parts.query
        or parts.fragment
        or any(sign.isspace() for sign in text)
        or (parts.port or 1) < 1
    ):
        raise ValueError("is no host")
    return text.rstrip("/").lower()


class _Known(BaseModel):
    """The settings with names of their own; every other name is the address or the secret of a
    group.
    """

    model_config = ConfigDict(extra="ignore")

    DATA_DIR: Annotated[Path, AfterValidator(_folder)] = Path("var")
    DATABASE_URL: str = Field(default="", pattern=r"^(sqlite|postgresql)(\+psycopg)?://")
    CAMPAIGNS: Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)] = (
        DEFAULT_CAMPAIGN,
    )
    HTTP_HOST: str = Field(default="127.0.0.1", pattern=r"^[A-Za-z0-9.:-]+$")
    HTTP_PORT: int = Field(default=8765, ge=0, le=65535)
    LOG_LEVEL: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        BeforeValidator(lambda value: str(value).upper()),
    ] = "INFO"
    PLATFORM_HOSTS: Annotated[
        tuple[Annotated[str, AfterValidator(_host)], ...],
        BeforeValidator(_listed),
        Field(min_length=1),
    ] = PUBLIC_HOSTS
    HEARTBEAT_URL: str = Field(default="", pattern=r"^https?://[^\s/]+(/\S*)?$")
    SECRET_KEY: str = Field(default="", min_length=32)
    SECRET_KEY_BEFORE: str = Field(default="", min_length=32)
    PUBLIC_URL: str = Field(default="", pattern=r"^https?://[^\s/?#@]+/?$")


ALLOWED = {
    "DATA_DIR": "a folder, such as var",
    "DATABASE_URL": "an address that begins with sqlite:/// or postgresql://",
    "CAMPAIGNS": "campaign files or keys, separated by commas",
    "HTTP_HOST": "an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them",
    "HTTP_PORT": "a whole number from 0 to 65535",
    "LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR",
    "PLATFORM_HOSTS": "host names, or whole origins such as https://chat.example.org, separated by commas",
    "HEARTBEAT_URL": "an address that begins with https://, or with http:// on this machine or a private network",
    "SECRET_KEY": "at least 32 signs drawn by chance, such as `python3 -c 'import secrets; print(secrets.token_urlsafe(32))'` gives",  # noqa: E501
    "SECRET_KEY_BEFORE": "the SECRET_KEY that held before",
    "PUBLIC_URL": "the origin people open the pages at, such as https://diaodu.example.gov.cn",
}

HIDDEN = frozenset({"DATABASE_URL", "HEARTBEAT_URL", "SECRET_KEY", "SECRET_KEY_BEFORE"})
"""What is never repeated, not even when it is wrong."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the operator set. Addresses and secrets of groups are looked up by the names the
    campaigns give them.
    """

    data_dir: Path
    database_url: str = field(repr=False)
    campaigns: tuple[str, ...]
    http_host: str
    http_port: int
    log_level: str
    platform_hosts: tuple[str, ...]
    heartbeat_url: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    secret_key_before: str = field(default="", repr=False)
    public_url: str = ""
    others: Mapping[str, str] = field(repr=False)

    @classmethod
    def load(
        cls, environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")
    ) -> Settings:
        """The settings of this process: the environment over `.env`; SettingsRefused with every
        fault at once.

        An empty value means "not set", as people leave it when they copy the example.
        """
        written, faults = ({}, []) if dotenv is None else _read(dotenv)
        environment = {
            key: value
            for key, value in (os.environ if environ is None else environ).items()
            if value
        }
        given: dict[str, Any] = {**written, **environment}
        known = _Known()
        try:
            known = _Known.model_validate(given)
        except ValidationError as refused:
            for key in dict.fromkeys(str(error["loc"][0]) for error in refused.errors()):
                source = "environment" if key in environment else str(dotenv)
                faults.append(
                    f"{source}: {key} = {_shown(key, given[key])}: allowed is {ALLOWED[key]}"
                )
        if faults:
            raise SettingsRefused(faults)
        return cls(
            data_dir=known.DATA_DIR,
            database_url=known.DATABASE_URL or f"sqlite:///{known.DATA_DIR / 'diaodu.sqlite3'}",
            campaigns=known.CAMPAIGNS,
            http_host=known.HTTP_HOST,
            http_port=known.HTTP_PORT,
            log_level=known.LOG_LEVEL,
            platform_hosts=known.PLATFORM_HOSTS,
            heartbeat_url=known.HEARTBEAT_URL,
            secret_key=known.SECRET_KEY,
            secret_key_before=known.SECRET_KEY_BEFORE,
            public_url=known.PUBLIC_URL.rstrip("/"),
            others={key: value for key, value in given.items() if key not in _Known.model_fields},
        )

    def secret(self, name: str) -> str | None:
        """The value of a setting a campaign names, or None when it is not set. Never log it."""
        return self.others.get(name)

    def signing_key(self) -> str:
        """The key under which sessions and links are signed: SECRET_KEY, or one drawn once and kept
        in DATA_DIR for its owner alone.
        """
        if self.secret_key:
            return self.secret_key
        kept = self.data_dir / "signing.key"
        with contextlib.suppress(FileExistsError):
            # Whole before it has its name, so that of two processes one reads what the other has
            # written.
            drawn = self.data_dir / f".signing-{secrets.token_hex(8)}"
            drawn.touch(mode=0o600)
            drawn.write_text(secrets.token_urlsafe(32), encoding="ascii")
            try:
                os.link(drawn, kept)
            finally:
                drawn.unlink()
        return kept.read_text(encoding="ascii").strip()


def _read(dotenv: Path) -> tuple[dict[str, str], list[str]]:
    """What stands in `.env`, and the lines of it that say nothing or nearly name a setting; no
    value is ever repeated.
    """
    try:
        text = dotenv.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}, []
    except UnicodeDecodeError:
        return {}, [f"{dotenv}: is not UTF-8 text; save it as UTF-8"]
    except OSError as error:
        return {}, [f"{dotenv}: cannot be read: {error.strerror}"]
    faults = []
    for line in parse_stream(io.StringIO(text)):
        if line.error or (line.key is not None and line.value is None):
            faults.append(f"{dotenv}: line {line.original.line}: must be a comment, or KEY=value")
        elif line.key and line.key not in _Known.model_fields:
            for near in difflib.get_close_matches(line.key, _Known.model_fields, n=1, cutoff=0.85):
                faults.append(f"{dotenv}: {line.key}: is no setting; did you mean {near}?")
    # Without interpolation: a `${` in a password stays what it is.
    values = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {key: value for key, value in values.items() if value}, faults


def _shown(key: str, value: str) -> str:
    return "(hidden)" if key in HIDDEN or "://" in value or "@" in value else repr(value)
