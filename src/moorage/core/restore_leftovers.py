"""What a restore beside leaves when it fails or is broken off: nothing, but for what somebody else has touched. Pure.

The service that it made had no member and no data. It goes, unless that is not certain.
"""

from datetime import datetime, timedelta

from moorage.core import names
from moorage.core.backups import moment
from moorage.core.restore_facts import Decision, Do, RestoreFacts

LOOK_SECONDS = 5.0
DELETION_WITHIN = timedelta(minutes=5)
"""A restore that is deleted waits no longer for the volume that it made to be gone."""
MESSAGE_LENGTH_MAX = 1024


def clear(facts: RestoreFacts, now: datetime) -> Decision | None:
    """The next step before a restore that did not succeed may be let go; None: there is nothing (more) to do."""
    restore, service = facts.restore, facts.service
    if service is None or service.metadata.annotations.get(names.ANNOTATION_RESTORE) != restore.metadata.name:
        return None
    if (stays := why_stays(facts)) is not None:
        if not stays or restore.metadata.deletion_timestamp is not None:
            return None
        return _said(facts, f"service {service.metadata.name} stays, for {stays}: delete it when it is of no use")
    deleted = moment(restore.metadata.deletion_timestamp)
    if facts.volume is not None:
        is_late = deleted is not None and now - deleted >= DELETION_WITHIN
        return None if is_late else Decision(restore.status, Do.STOP, again_seconds=LOOK_SECONDS)
    says = _message(facts, f"service {service.metadata.name}, which had no data yet, was removed")
    return Decision(restore.status.model_copy(update={"message": says}), Do.REMOVE_SERVICE, again_seconds=LOOK_SECONDS)


def why_stays(facts: RestoreFacts) -> str | None:
    """Why the service is not removed, empty when it is not this restore's at all; None: it may be removed."""
    restore, service = facts.restore, facts.service
    assert service is not None, "asked only of one that there is"
    made, begun = moment(service.metadata.creation_timestamp), moment(restore.metadata.creation_timestamp)
    if made is not None and begun is not None and made < begun:
        return ""  # an earlier restore of this name made it
    if service.status.init.phase == "Succeeded":
        return "it has served"
    if facts.seeded_generation is not None:
        return "its first volume was filled"
    if service.metadata.generation > 1:
        return "somebody has changed what it is to be"
    return None


def _said(facts: RestoreFacts, more: str) -> Decision | None:
    says = _message(facts, more)
    if says == facts.restore.status.message:
        return None
    return Decision(facts.restore.status.model_copy(update={"message": says}), again_seconds=0.0)


def _message(facts: RestoreFacts, more: str) -> str:
    """What happened first, and once."""
    said = facts.restore.status.message
    return said if more in said else f"{said[: MESSAGE_LENGTH_MAX - len(more) - 2]}; {more}" if said else more
