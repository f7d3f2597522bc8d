"""Any program that takes JSON. Pure.

`{"title", "colour", "lines": [{"head", "text"}], "links": [{"title", "url"}], "thread", "channel"}`; with a secret the header
`X-Moorage-Signature` is `sha256=` and the HMAC of the body, in hex.
"""

import hashlib
import hmac
from dataclasses import asdict
from datetime import datetime

from moorage.monitoring.telling.channel import JSON, Answer, Channel, Outcome, Request, Verdict, by_status, encoded, said
from moorage.monitoring.telling.message import Message

SIGNATURE = "X-Moorage-Signature"


def request(channel: Channel, message: Message, now: datetime) -> Request:
    del now
    body = encoded({**asdict(message), "channel": channel.name})
    digest = hmac.new(channel.secret.encode(), body, hashlib.sha256).hexdigest()
    return Request(channel.url, body, {**JSON, **({SIGNATURE: f"sha256={digest}"} if channel.secret else {})})


def verdict(channel: Channel, answer: Answer) -> Verdict:
    """Any status of 200 to 299 is a yes: nothing else is known of the receiver."""
    return by_status(channel, answer) or Verdict(Outcome.DELIVERED, said(channel, answer))
