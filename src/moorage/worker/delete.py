"""DELETE: one backup goes from the store, its manifest first, so that at no moment a backup without data seems good."""

from moorage.backup import layout
from moorage.worker.work import Outcome, TaskError, Work, text_of


def run(work: Work) -> Outcome:
    """What is gone already is fine."""
    path = text_of(work.task.body, "path").strip("/")
    if layout.folder_of_backup(layout.manifest_key(path)) != path:
        raise TaskError(f"'{path}' is no backup's path: ENGINE/NAMESPACE/SERVICE/BACKUPNAME", can_be_repeated=False)
    store = work.open_store()
    work.say(f"deletes {path} from the store")
    store.delete(layout.manifest_key(path))
    for found in list(store.list(f"{path}/")):
        store.delete(found.key)
    for upload in list(store.list_unfinished(f"{path}/")):
        store.abort_unfinished(upload)
    return Outcome(f"{path} is deleted")
