"""How many backups run at once: one of a service, and so many in the cluster. Pure."""

from collections.abc import Iterable

from moorage.api.databackup import BackupPhase, DataBackup
from moorage.core.rehearsals import PART

BACKUPS_MAX = 4


def why_busy(backup: DataBackup, of_all: Iterable[DataBackup], most: int = BACKUPS_MAX) -> str:
    """Why this one may not begin now; empty when it may."""
    running = [b for b in of_all if b.status.phase is BackupPhase.RUNNING and b.metadata.uid != backup.metadata.uid]
    own = next((b for b in running if _service(b) == _service(backup)), None)
    if own is not None:
        return f"backup {own.metadata.name} of this service is running"
    if len(running) >= most:
        return f"{len(running)} backups are running, and no more than {most} do at once"
    return ""


def why_rehearsal_busy(backup: DataBackup, of_all: Iterable[DataBackup], most: int = BACKUPS_MAX) -> str:
    """The same of rehearsals, each of which needs as much as a member."""
    others = (b for b in of_all if b.status.phase is BackupPhase.VERIFYING and b.metadata.uid != backup.metadata.uid)
    running = sum(1 for b in others if f"-{PART}" in (b.status.task_id or ""))
    return f"{running} rehearsals are running, and no more than {most} do at once" if running >= most else ""


def _service(backup: DataBackup) -> tuple[str, str]:
    return backup.metadata.namespace, backup.spec.service
