"""Everything a person can type: one file per command, all of them listed here."""

from __future__ import annotations

import click

from bot.commands.check import check
from bot.commands.deliveries import deliveries
from bot.commands.demo import demo
from bot.commands.figures import figures
from bot.commands.imports import import_table
from bot.commands.links import links
from bot.commands.money import money
from bot.commands.once import once
from bot.commands.paste import paste
from bot.commands.read import read
from bot.commands.replies import replies
from bot.commands.robots import robots
from bot.commands.run import run
from bot.commands.senders import chats, senders
from bot.commands.show import show
from bot.commands.take import take
from bot.commands.users import readers, users


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="diaodu")
def diaodu() -> None:
    """Diaodu (每日调度): collects each township's daily figures, ranks, lists what is overdue,
    tells people once.
    """


for _command in (
    run, once, check, show, senders, chats, read, paste, import_table, take, links, money, replies, figures, deliveries, robots, users, readers, demo,  # noqa: E501
):  # fmt: skip
    diaodu.add_command(_command)
