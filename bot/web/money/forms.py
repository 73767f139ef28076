"""银行格式: the forms a bank's return may have; one is written here and tried on a sample before it
is used.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from bot.actions.money.forms import FormUnknown, Tried, end_form, tried, write_form
from bot.domain.money.amounts import yuan
from bot.domain.people.roles import Role
from bot.store.money import money
from bot.web.money.money import pays
from bot.web.site import RequestContext, SitePage
from config.banks import FormRefused, known_forms
from config.wording import money as wording
from config.wording import templates

WRITING = frozenset({Role.CLERK, Role.FINANCE})
MOST_ROWS = 20
"""Lines of a sample that are shown."""


def _page(asked: RequestContext, *, status: int = 200, **shown: Any) -> Response:
    campaign = asked.enrolled.campaign
    if not pays(campaign):
        return asked.site.fault(asked, 404, "page")
    with asked.app.store.reading() as session:
        written = money.forms(session, campaign.key)
    key = asked.query("key")
    text = next((form.text for form in written if form.key == key), "")
    facts = {"faults": (), "trial": None, "trouble": "", "key": key, "text": text, **shown}
    return asked.page(
        "bank_forms.html.j2",
        status=status,
        written=written,
        known=list(known_forms().values()),
        yuan=yuan,
        most=MOST_ROWS,
        **facts,
    )


def _try(asked: RequestContext) -> Response:
    key, text = asked.text("key"), asked.text("text")
    sample = asked.upload("sample")
    if not key or not text:
        return _page(
            asked, status=422, trouble=templates.refusal("money", "no_form"), key=key, text=text
        )
    try:
        trial = tried(text, key, sample[1] if sample else None)
    except FormRefused as refused:
        faults = [wording.form_fault(fault) for fault in refused.faults]
        return _page(asked, status=422, faults=faults, key=key, text=text)
    if asked.text("keep") == "yes":
        return _keep(asked, key, text, trial, sample is not None)
    trouble = wording.finding_at(trial.doubt) if trial.doubt else ""
    return _page(asked, trial=trial, trouble=trouble, key=key, text=text)


def _keep(asked: RequestContext, key: str, text: str, trial: Tried, has_sample: bool) -> Response:
    """A form is kept when it has read a sample whole: one that reads nothing would be found out on
    the day money is out.
    """
    if trial.doubt is not None:
        return _page(asked, status=422, trouble=wording.finding_at(trial.doubt), key=key, text=text)
    if not has_sample:
        return _page(
            asked, status=422, trouble=templates.refusal("money", "no_sample"), key=key, text=text
        )
    with asked.app.store.writing() as session:
        write_form(session, asked.enrolled.campaign, key, text, by=asked.actor, at=asked.at)
    return asked.back(_here(asked), templates.said("bank_form_kept", form=key))


def _end(asked: RequestContext) -> Response:
    key = asked.text("key")
    try:
        with asked.app.store.writing() as session:
            end_form(session, asked.enrolled.campaign, key, by=asked.actor, at=asked.at)
    except FormUnknown:
        return asked.back(
            _here(asked), templates.refusal("money", "form_unknown", form=key), well=False
        )
    return asked.back(_here(asked), templates.said("bank_form_ended", form=key))


def _here(asked: RequestContext) -> str:
    return f"/c/{quote(asked.enrolled.campaign.key)}/money/forms"


HERE = "/c/{campaign}/money/forms"
PAGES = (
    SitePage(path=HERE, answer=_page, roles=WRITING),
    SitePage(path=f"{HERE}/try", answer=_try, roles=WRITING, methods=("POST",)),
    SitePage(path=f"{HERE}/end", answer=_end, roles=WRITING, methods=("POST",)),
)
