"""ARCHIVE: the engine's log into the store, slice by slice, until it is stopped."""

from moorage.worker.work import Outcome, TaskError, Work


def run(work: Work) -> Outcome:
    raise TaskError("not yet", can_be_repeated=False)
