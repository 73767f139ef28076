"""The interface keeps to its own description, whatever is asked of it: schemathesis tries all it
knows, with every check it has.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.actions.people import people
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.decisions.actor import Actor
from bot.store.people.people import ApiReader
from bot.web.callbacks import RequestPace
from bot.web.interface import api
from bot.web.interface import door as api_door
from bot.web.pages import PAGES
from bot.web.site import Site
from jobs import JOBS
from tests.web.conftest import SEASON, Office

with warnings.catch_warnings():
    # What it says of the libraries it imports is not ours to mend.
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import events, from_schema

CHECKS = {
    "allow_header_conformance",
    "content_type_conformance",
    "ignored_auth",
    "missing_required_header",
    "negative_data_rejection",
    "not_a_server_error",
    "positive_data_acceptance",
    "response_headers_conformance",
    "response_schema_conformance",
    "status_code_conformance",
    "unsupported_method",
}
"""Those that must have looked; there are more, about resources that are made and deleted."""

OPERATIONS = {
    f"{method.upper()} {path}"
    for path, methods in api.description(JOBS)["paths"].items()
    for method in methods
} - {"GET /api/openapi.json"}
"""All but the one by which the description itself was read, which is not tried again."""


@dataclass
class Tried:
    """What came of a trial: failures as check and message, how often each check looked, the
    statuses each operation gave.
    """

    failures: list[tuple[str, str]] = field(default_factory=list)
    looked: Counter[str] = field(default_factory=Counter)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)


def tried(
    office: Office, document: dict[str, Any] | None = None, *, only: str = "", **phases: bool
) -> Tried:
    """Tries the interface against its description, or another; `only` an address that ends so,
    without the phases named False.
    """
    with office.app.store.writing() as session:
        token = people.add_reader(
            session, "tests", CampaignKey(SEASON), by=Actor(name="tests"), at=office.now
        )
    site = Site(office.app, PAGES, lambda: office.now, readers_pace=RequestPace(10**9, 10**9))
    config = SchemathesisConfig.from_dict(
        {
            "seed": 20211015,
            "headers": {"Authorization": f"Bearer {token}"},
            "parameters": {"path.key": SEASON},
            "generation": {"max-examples": 8, "deterministic": True, "database": "none"},
            "phases": {name: {"enabled": enabled} for name, enabled in phases.items()},
            # A well-formed day may be none of the campaign's (422), and an ETag made up may fit
            # anything (304).
            "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "304", "422"]}},
        }
    )
    if document is None:
        schema = schemathesis.openapi.from_asgi("/api/openapi.json", site.asgi, config=config)
    else:
        schema = schemathesis.openapi.from_dict(document, config=config)
        schema.app = site.asgi
    if only:
        schema = schema.include(path_regex=f"{only}$", method="GET")
    came = Tried()
    for happened in from_schema(schema).execute():
        assert not isinstance(happened, events.NonFatalError | events.FatalError), happened
        if not isinstance(happened, events.ScenarioFinished):
            continue
        for number, asked in happened.recorder.interactions.items():
            assert asked.response is not None
            statuses = came.statuses.setdefault(happened.recorder.label, Counter())
            statuses[asked.response.status_code] += 1
            for check in happened.recorder.checks.get(number, ()):
                came.looked[check.name] += 1
                if check.failure_info is not None:
                    told = (
                        f"{asked.request.method} {asked.request.uri}: {check.failure_info.failure}"
                    )
                    came.failures.append((check.name, told))
    return came


def test_whatever_is_asked_the_answer_is_as_described(evening: Office) -> None:
    came = tried(evening)
    assert came.failures == []
    assert came.looked.keys() >= CHECKS
    assert min(came.looked[name] for name in CHECKS) > 300
    assert came.statuses.keys() >= OPERATIONS
    for operation in OPERATIONS:
        assert came.statuses[operation][200] > 1, (operation, came.statuses[operation])
    assert sum((came.statuses[operation] for operation in OPERATIONS), Counter()).keys() >= {
        200,
        400,
        401,
        405,
        422,
    }


def _misspelt(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Overdues"]["properties"]["version"] = {"type": "string"}


def _silent(document: dict[str, Any]) -> None:
    del document["paths"]["/api/v1/campaigns/{key}/overdue"]["get"]["responses"]["400"]


def _open(patch: pytest.MonkeyPatch, office: Office) -> None:
    reader = ApiReader(name="anybody", campaign=CampaignKey(SEASON), by="", made_at=office.now)
    patch.setattr(api_door, "reader_of", lambda *_: reader)
    patch.setattr(api_door, "_token", lambda _: "anything")


def _careless(patch: pytest.MonkeyPatch, _: Office) -> None:
    patch.setattr(api_door, "_values", lambda _, parameters: {one.name: None for one in parameters})


def _broken(patch: pytest.MonkeyPatch, _: Office) -> None:
    patch.setattr("bot.web.interface.api.overdue", lambda _: 1 / 0)


@pytest.mark.parametrize(
    ("spoil", "noticed"),
    [
        (_misspelt, "response_schema_conformance"),
        (_silent, "status_code_conformance"),
        (_open, "ignored_auth"),
        (_careless, "negative_data_rejection"),
        (_broken, "not_a_server_error"),
    ],
)
def test_a_fault_would_be_noticed(
    evening: Office, monkeypatch: pytest.MonkeyPatch, spoil: Callable[..., None], noticed: str
) -> None:
    document = api.description(JOBS)
    if spoil in (_misspelt, _silent):
        spoil(document)
    else:
        # The endpoints of a site take what they need when they are asked.
        spoil(monkeypatch, evening)
    came = tried(evening, document, only="overdue", fuzzing=False, stateful=False)
    assert noticed in {check for check, _ in came.failures}
