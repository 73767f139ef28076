"""The door DingTalk knocks at: its headers are signed and its body is not, so what comes in is a
claim and no more.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta

from bot.channels.dingtalk.message import heard
from bot.channels.dingtalk.push import sign
from bot.channels.inbound import Call, CallbackResponse, InboundMessage
from bot.channels.received import moment, object_of

FRESH = timedelta(hours=1)
"""How far the moment of a call may lie from ours. Whoever caught one call could send any body for
that long: hence HTTPS only.
"""

OLDEST = timedelta(hours=24)
"""How old a message may claim to be; a caught pair of headers must not reach back into days long
closed.
"""

REFUSED = CallbackResponse(status=403, body=b"refused")
TAKEN = CallbackResponse(status=200, body=b"{}", content_type="application/json")


class RobotCallback:
    """The door of one robot in HTTP mode."""

    def __init__(self, robot: str, *, app_secret: str) -> None:
        self.robot = robot
        self._secret = app_secret

    def take(self, call: Call, *, at: datetime) -> tuple[CallbackResponse, InboundMessage | None]:
        """Checks who calls and when, then what is said and from when; everything false gets the
        same refusal.
        """
        if call.method != "POST" or not self._is_signed(call, at):
            return REFUSED, None
        body = object_of(call.body)
        if body is None:
            return REFUSED, None
        said = heard(self.robot, body)
        if said is not None and not at - OLDEST <= said.sent_at <= at + FRESH:
            return REFUSED, None
        return TAKEN, said

    def _is_signed(self, call: Call, at: datetime) -> bool:
        timestamp, signature = call.headers.get("timestamp", ""), call.headers.get("sign", "")
        if not re.fullmatch(r"[0-9]{13}", timestamp):
            return False
        expected = sign(self._secret, int(timestamp))
        right = hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))
        called_at = moment(timestamp)
        return right and called_at is not None and abs(at - called_at) <= FRESH
