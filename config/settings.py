"""The settings of an installation: the only reader of the environment and of `.env`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

PUBLIC_HOSTS = ("qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn", "open.larksuite.com")


class SettingsRefused(Exception):
    """Settings that cannot be used; its text names file, key, value and what is allowed, a line for every fault."""


class _Known(BaseModel):
    """The settings with names of their own; every other name is the address or the secret of a group."""

    model_config = ConfigDict(extra="ignore")

    DATA_DIR: Path = Path("var")
    DATABASE_URL: str = Field(default="", pattern=r"^$|^(sqlite|postgresql)(\+psycopg)?://")
    CAMPAIGNS: str = "rural-housing-2021"
    HTTP_HOST: str = Field(default="127.0.0.1", min_length=1)
    HTTP_PORT: int = Field(default=8765, ge=0, le=65535)
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    PLATFORM_HOSTS: str = ",".join(PUBLIC_HOSTS)

    @field_validator("LOG_LEVEL", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value


ALLOWED = {
    "DATA_DIR": "a folder, such as var",
    "DATABASE_URL": "an address that begins with sqlite:/// or postgresql://",
    "CAMPAIGNS": "campaign files or keys, separated by commas",
    "HTTP_HOST": "an address of this machine, such as 127.0.0.1",
    "HTTP_PORT": "a whole number from 0 to 65535",
    "LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR",
    "PLATFORM_HOSTS": "host names, or whole origins such as https://chat.example.org, separated by commas",
}
SECRET = frozenset({"DATABASE_URL"})


class Settings:
    """What the operator set. Addresses and secrets of groups are looked up by the names the campaigns give them."""

    def __init__(self, known: _Known, others: Mapping[str, str]) -> None:
        self.data_dir: Path = known.DATA_DIR
        self.database_url: str = known.DATABASE_URL or f"sqlite:///{known.DATA_DIR / 'diaodu.sqlite3'}"
        self.campaigns: tuple[str, ...] = _listed(known.CAMPAIGNS)
        self.http_host: str = known.HTTP_HOST
        self.http_port: int = known.HTTP_PORT
        self.log_level: str = known.LOG_LEVEL
        self.platform_hosts: tuple[str, ...] = _listed(known.PLATFORM_HOSTS)
        self._others = dict(others)

    def __repr__(self) -> str:
        return f"Settings(data_dir={self.data_dir}, campaigns={self.campaigns})"

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> Settings:
        """The settings of this process: the environment over `.env`; SettingsRefused with every fault at once."""
        environment = dict(os.environ if environ is None else environ)
        written = {} if dotenv is None or not dotenv.is_file() else _read(dotenv)
        merged = {**written, **environment}
        # An empty line of `.env` means "not set", as people leave it when they copy the example.
        given: dict[str, Any] = {key: value for key, value in merged.items() if value != ""}
        try:
            known = _Known.model_validate(given)
        except ValidationError as refused:
            faults = [
                _fault(str(error["loc"][0]), given, "environment" if error["loc"][0] in environment else str(dotenv))
                for error in refused.errors()
            ]
            raise SettingsRefused("\n".join(dict.fromkeys(faults))) from None
        return cls(known, {key: value for key, value in given.items() if key not in _Known.model_fields})

    def secret(self, name: str) -> str | None:
        """The value of a setting a campaign names, or None when it is not set. Never log it."""
        return self._others.get(name)


def _read(dotenv: Path) -> dict[str, str]:
    try:
        return {key: value or "" for key, value in dotenv_values(dotenv, encoding="utf-8").items()}
    except UnicodeDecodeError:
        raise SettingsRefused(f"{dotenv}: is not UTF-8 text; save it as UTF-8") from None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _fault(key: str, given: Mapping[str, Any], source: str) -> str:
    value = "(hidden)" if key in SECRET else repr(given.get(key))
    return f"{source}: {key} = {value}: allowed is {ALLOWED[key]}"
