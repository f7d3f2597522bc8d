"""A message on its way to one channel, as it is kept: a ConfigMap of the console's namespace. Pure."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationError

from moorage.monitoring.telling.channel import Outcome
from moorage.monitoring.telling.message import Message
from moorage.server.model import Given

Object = dict[str, Any]
LABEL, LABEL_VALUE = "moorage.dev/console", "message"
LABEL_STATE, LABEL_CHANNEL, LABEL_SENT = "moorage.dev/state", "moorage.dev/channel", "moorage.dev/sent"
ENTRY = "message"
ATTEMPTS_MAX = 20
"""So many answers are kept of each message: the newest."""


class State(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    """Somebody must change the channel."""
    GIVEN_UP = "given-up"
    """It was tried for a day."""


class Attempt(Given):
    """What a receiver answered."""

    time: datetime
    outcome: Outcome
    answer: str


class Delivery(Given):
    """`due`: not before. `claimed_until`: `claimed_by`, a replica, sends it now, and others leave it alone."""

    name: str
    channel: str
    message: Message
    created: datetime
    due: datetime
    state: State = State.WAITING
    tries: int = 0
    attempts: list[Attempt] = Field(default=[])
    merged: int = 0
    """With how many others it became one message."""
    claimed_by: str = ""
    claimed_until: datetime | None = None

    def is_free(self, who: str, now: datetime) -> bool:
        return self.claimed_by in {"", who} or self.claimed_until is None or self.claimed_until <= now

    def answered(self, attempt: Attempt, state: State, due: datetime, merged: int) -> "Delivery":
        return self.model_copy(
            update={
                "state": state,
                "due": due,
                "tries": self.tries + 1,
                "attempts": [*self.attempts, attempt][-ATTEMPTS_MAX:],
                "merged": merged,
                "claimed_by": "",
                "claimed_until": None,
            }
        )


def manifest(namespace: str, delivery: Delivery) -> Object:
    labels = {LABEL: LABEL_VALUE, LABEL_STATE: str(delivery.state), LABEL_CHANNEL: delivery.channel}
    if delivery.attempts:
        labels[LABEL_SENT] = minute(delivery.attempts[-1].time)
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": delivery.name,
            "namespace": namespace,
            "labels": {**labels, "app.kubernetes.io/managed-by": "moorage"},
        },
        "data": {ENTRY: delivery.model_dump_json(by_alias=True)},
    }


def minute(moment: datetime) -> str:
    """In which it was sent last: what went out just now is found by it."""
    return f"{moment.astimezone(UTC):%Y%m%d%H%M}"


def read(config_map: Object) -> Delivery | None:
    """None when somebody wrote what is none."""
    try:
        return Delivery.model_validate(json.loads((config_map.get("data") or {})[ENTRY]))
    except (KeyError, ValueError, ValidationError):
        return None
