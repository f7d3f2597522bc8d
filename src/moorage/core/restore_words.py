"""What the service's own status says of its restores. Pure."""

from moorage.api.datarestore import DataRestore, RestorePhase
from moorage.api.dataservice import RestoreState
from moorage.core.generations import Generation
from moorage.core.restore_refusals import undoable


def summary(restores: tuple[DataRestore, ...], others: tuple[Generation, ...]) -> RestoreState:
    """`DataService.status.restore`: the restore that runs, else the one that ran last."""
    kept = undoable(others)
    until = kept.kept_until if kept is not None else None
    if not restores:
        return RestoreState(undo_until=until)
    running = [r for r in restores if not r.is_over]
    newest = running[0] if running else restores[-1]
    status = newest.status
    return RestoreState(
        phase=str(status.phase),
        msg=status.message if newest.is_over else _IN_WORDS[status.phase],
        name=newest.metadata.name,
        start_time=status.start_time,
        end_time=status.end_time,
        undo_until=until,
    )


_IN_WORDS = {
    RestorePhase.PENDING: "it is about to begin",
    RestorePhase.SAFETY_BACKUP: "what runs now is backed up first",
    RestorePhase.SEEDING: "a new volume is filled from the store",
    RestorePhase.STARTING: "the members with the restored data start",
    RestorePhase.SWITCHING: "the address moves to the restored data",
}
"""Without the figures that stand in the restore itself: the service's status is not written with every megabyte."""


def doing(state: RestoreState) -> str:
    """What the service's own message says of a restore that runs; empty when none does."""
    says = next((words for phase, words in _IN_WORDS.items() if phase == state.phase), "")
    return f"restore {state.name} runs: {says}" if says else ""
