"""What a person asks of a running service: patches that write the request, which the operator carries out and removes. Pure."""

import json
from datetime import datetime
from typing import Any

from moorage.core import names, recovery

Object = dict[str, Any]


def promote(member: str, when: str) -> Object:
    """This member becomes the primary; the old one hands over first. `when`: makes this request another than the last one."""
    return _annotated(names.ANNOTATION_PROMOTE, f"{member}@{when}")


def restart(member: str | None, when: datetime) -> Object:
    """One member, or all of them one after the other, the primary last."""
    return _annotated(names.ANNOTATION_RESTART, f"{member or 'all'}@{instant(when)}")


def rebuild(member: str, when: str) -> Object:
    """The member copies everything from the others anew. `when`: makes this request another than the last one."""
    return _annotated(names.ANNOTATION_REBUILD, f"{member}@{when}")


def recover(member: str, configuration: str, when: str) -> Object:
    """The majority is lost for good: this member goes on alone. `configuration`: the one that the person was told of."""
    return _annotated(names.ANNOTATION_RECOVER, recovery.wish(member, configuration, when))


def maintenance(until: datetime | None, reason: str = "") -> Object:
    """Until then nothing is repaired and nothing is rolled out; None ends it."""
    text = None if until is None else json.dumps({"until": instant(until), "reason": reason}, ensure_ascii=False)
    return _annotated(names.ANNOTATION_MAINTENANCE, text)


def check(when: str) -> Object:
    """Of a store: it is checked now, and not only when its time has come."""
    return _annotated(names.ANNOTATION_CHECK, when)


def instant(when: datetime) -> str:
    """RFC 3339, whole seconds, in UTC."""
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")


def _annotated(name: str, value: str | None) -> Object:
    return {"metadata": {"annotations": {name: value}}}
