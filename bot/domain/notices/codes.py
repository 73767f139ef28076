"""Every code under which the steps of a delivery and the answers of channels are told, each with
the facts it carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.domain.statement import Fact, Statement


class StepCode(StrEnum):
    """What happened to a delivery, in our own words. The value is what the ledger keeps: it never
    changes once it was used.
    """

    LEASE_ENDED = "lease_ended"
    NO_ANSWER_IN_LEASE = "no_answer_in_lease"
    NO_SUCH_GROUP = "no_such_group"
    NOTHING_LEFT = "nothing_left"
    ROBOT_ON_AGAIN = "robot_on_again"
    DAY_OVER = "day_over"
    NEWER_GOES = "newer_goes"
    GIVEN_BACK = "given_back"
    DROPPED_BY = "dropped_by"
    ARRIVED_SAYS = "arrived_says"
    NOT_ARRIVED_SAYS = "not_arrived_says"
    GIVEN_UP = "given_up"
    PAGES = "pages"
    PAGE_REFUSED = "page_refused"
    PAGE_UNKNOWN = "page_unknown"
    NUMBERED = "numbered"
    AS_TEXT = "as_text"
    AS_PARTS = "as_parts"
    PARTS_TAKEN = "parts_taken"
    NOT_REACHED = "not_reached"
    NO_ANSWER = "no_answer"
    TOO_MANY_REQUESTS = "too_many_requests"
    NOT_THE_PLATFORM = "not_the_platform"
    NO_NUMBER = "no_number"
    TOO_SLOW = "too_slow"
    ANSWER_TOO_LONG = "answer_too_long"
    ANSWER_UNENDED = "answer_unended"
    STATUS = "status"
    TURNED_AWAY = "turned_away"
    NOT_HANDED_OVER = "not_handed_over"
    NO_MEDIA_ID = "no_media_id"
    NO_IMAGE_KEY = "no_image_key"
    NO_APP = "no_app"
    NO_TOKEN = "no_token"  # noqa: S105 - a code, no token
    NO_TOKEN_CAME = "no_token_came"  # noqa: S105 - a code, no token
    TERMINAL_CLOSED = "terminal_closed"
    TERMINAL_PART = "terminal_part"
    FILE_UNWRITTEN = "file_unwritten"
    MAIL_NOT_REACHED = "mail_not_reached"
    MAIL_NO_ANSWER = "mail_no_answer"
    MAIL_PEOPLE_REFUSED = "mail_people_refused"
    MAIL_NO_TLS = "mail_no_tls"
    MAIL_LOGIN_REFUSED = "mail_login_refused"
    MAIL_SAID = "mail_said"
    ADDRESS_NONE = "address_none"
    ADDRESS_NO_MAIL = "address_no_mail"
    ADDRESS_OTHER_PLATFORM = "address_other_platform"
    ADDRESS_OTHER_API = "address_other_api"
    ADDRESS_NO_ROBOT = "address_no_robot"
    ADDRESS_CHAT_ROBOT = "address_chat_robot"
    ADDRESS_CHARACTERS = "address_characters"
    ADDRESS_NOT_WHOLE = "address_not_whole"
    ADDRESS_UNREAD = "address_unread"
    ADDRESS_NAMES_USER = "address_names_user"
    ADDRESS_NOT_HTTPS = "address_not_https"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    ADDRESS_BAD_TOKEN = "address_bad_token"  # noqa: S105 - a code, no token
    MAIL_CHARACTERS = "mail_characters"
    MAIL_UNREAD = "mail_unread"
    MAIL_NOT_SMTP = "mail_not_smtp"
    MAIL_PASSWORD = "mail_password"  # noqa: S105 - a code, no password
    MAIL_NO_PEOPLE = "mail_no_people"


FACTS: Mapping[StepCode, frozenset[str]] = {
    StepCode.DROPPED_BY: frozenset({"by", "reason"}),
    StepCode.ARRIVED_SAYS: frozenset({"by", "reason"}),
    StepCode.NOT_ARRIVED_SAYS: frozenset({"by", "reason"}),
    StepCode.GIVEN_UP: frozenset({"tries", "told"}),
    StepCode.PAGES: frozenset({"pages"}),
    StepCode.PAGE_REFUSED: frozenset({"page", "of", "told"}),
    StepCode.PAGE_UNKNOWN: frozenset({"page", "of", "told"}),
    StepCode.NUMBERED: frozenset({"number", "told"}),
    StepCode.AS_TEXT: frozenset({"number"}),
    StepCode.AS_PARTS: frozenset({"number"}),
    StepCode.PARTS_TAKEN: frozenset({"taken", "of", "told"}),
    StepCode.NOT_REACHED: frozenset({"error"}),
    StepCode.NO_ANSWER: frozenset({"error"}),
    StepCode.TOO_MANY_REQUESTS: frozenset({"status"}),
    StepCode.NOT_THE_PLATFORM: frozenset({"status"}),
    StepCode.NO_NUMBER: frozenset({"status"}),
    StepCode.TOO_SLOW: frozenset({"status"}),
    StepCode.ANSWER_TOO_LONG: frozenset({"status", "most"}),
    StepCode.ANSWER_UNENDED: frozenset({"status"}),
    StepCode.STATUS: frozenset({"status"}),
    StepCode.NOT_HANDED_OVER: frozenset({"told"}),
    StepCode.NO_TOKEN: frozenset({"told"}),
    StepCode.TERMINAL_PART: frozenset({"error"}),
    StepCode.FILE_UNWRITTEN: frozenset({"told"}),
    StepCode.MAIL_NOT_REACHED: frozenset({"error"}),
    StepCode.MAIL_NO_ANSWER: frozenset({"error"}),
    StepCode.MAIL_PEOPLE_REFUSED: frozenset({"refused", "of"}),
    StepCode.MAIL_LOGIN_REFUSED: frozenset({"number"}),
    StepCode.MAIL_SAID: frozenset({"number"}),
    StepCode.MAIL_UNREAD: frozenset({"example"}),
    StepCode.MAIL_NOT_SMTP: frozenset({"example"}),
    StepCode.MAIL_NO_PEOPLE: frozenset({"example"}),
}
"""The facts of each code that has any."""


def stated(code: StepCode, **facts: Fact) -> Statement:
    """The statement of that code. ValueError where the facts are not those of the code."""
    if set(facts) != FACTS.get(code, frozenset()):
        raise ValueError(
            f"{code!r} has the facts {sorted(FACTS.get(code, ()))}, not {sorted(facts)}"
        )
    return Statement(code.value, tuple(facts.items()))
