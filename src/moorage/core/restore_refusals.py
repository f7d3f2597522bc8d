"""Why a restore cannot be, with what is allowed instead; and why restored members may not serve yet. Pure."""

from moorage.api.dataservice import Health
from moorage.core import names
from moorage.core.beginning import cannot_run
from moorage.core.facts import Role, Snapshot
from moorage.core.generations import Generation
from moorage.core.health import judge, why_member_abnormal, why_red
from moorage.core.restore_facts import RestoreFacts
from moorage.core.step import Rest, Step, Wait


def why_refused(facts: RestoreFacts) -> str | None:
    """The reason why this restore can never be, with what is allowed; or None."""
    return _why_target_refused(facts) or facts.source_refused or _why_unfit(facts)


def _why_target_refused(facts: RestoreFacts) -> str | None:
    spec, name = facts.restore.spec, facts.restore.service
    if spec.to_new is not None:
        return _why_not_new(facts, name)
    if facts.service is None:
        state = "is being deleted" if facts.is_leaving else "does not exist"
        return f"service {name} {state}, so nothing of it can be replaced; toNew: NAME restores beside"
    if spec.undo is not None:
        if undoable(facts.others) is None:
            return f"there is nothing to undo: no volumes of {name} from before a restore are kept (any more)"
        return None
    if spec.safety_backup and facts.service.status.health_cluster is Health.RED:
        return (
            f"{name} cannot serve ({facts.service.status.health_msg}), so it cannot be backed up before: "
            "give safetyBackup: false to restore without; the old volumes are kept for an undo all the same"
        )
    return None


def _why_not_new(facts: RestoreFacts, name: str) -> str | None:
    if facts.is_leaving:
        return f"service {name} is still being deleted: choose another name, or wait and make the restore anew"
    maker = facts.service.metadata.annotations.get(names.ANNOTATION_RESTORE) if facts.service is not None else None
    if facts.service is not None and maker != facts.restore.metadata.name:
        return f"service {name} exists already: choose a name that is free, or inPlace: {name} to replace its data"
    if facts.service is None and facts.kept_volumes:
        return (
            f"volumes of a deleted service {name} are kept ({', '.join(facts.kept_volumes)}): choose another name, "
            "bring that service back (moorage undelete), or delete them"
        )
    return None


def _why_unfit(facts: RestoreFacts) -> str | None:
    """Of a backup that does not fit the service whose data it is to replace."""
    source, service = facts.source, facts.service
    if source is None or service is None:
        return None
    if source.engine != service.spec.engine:
        return f"{source.backup_name} is a backup of {source.engine}, and {service.metadata.name} is {service.spec.engine}"
    runs = service.spec.version or service.status.version or ""
    if source.version and runs and release(source.version) > release(runs):
        return (
            f"{source.backup_name} was taken of version {source.version}, and {service.metadata.name} runs {runs}: "
            f"data goes into the same version or a newer one; set version to {'.'.join(map(str, release(source.version)))} first"
        )
    return None


def release(version: str) -> tuple[int, ...]:
    """`(6, 0)` of `6.0.5`."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def undoable(others: tuple[Generation, ...]) -> Generation | None:
    """The generation that an undo brings back: of those that are kept, the one that served last."""
    kept = [o for o in others if o.kept_until is not None and not o.is_expired and not o.is_unfinished and o.claims]
    return max(kept, key=lambda other: (other.retired or "", other.number), default=None)


def why_not_ready(snapshot: Snapshot, step: Step) -> str | None:
    """The reason why the address may not lead to these members yet, or None.

    All must be well, but for those that cannot run until somebody acts: the data that was restored need not wait for a lost node.
    """
    verdict, red = judge(snapshot), why_red(snapshot)
    if verdict.colour is Health.GREEN and isinstance(step, Rest | Wait):
        return None
    lost = [m for m in snapshot.members if cannot_run(m)]
    configured = snapshot.configured()
    well = [m for m in snapshot.members if why_member_abnormal(m, snapshot) is None]
    waiting = [m for m in snapshot.members if m not in lost and m.pod_name not in configured and m.role() is Role.UNINITIALIZED]
    is_all = {m.pod_name for m in (*lost, *well, *waiting)} == {m.pod_name for m in snapshot.members}
    if red is None and lost and is_all and isinstance(step, Rest | Wait):
        return None
    return step.why if isinstance(step, Wait) else verdict.message
