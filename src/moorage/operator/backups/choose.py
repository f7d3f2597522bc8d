"""Which store a service uses, and why it cannot be used. Pure."""

from collections.abc import Mapping

from pydantic import ValidationError

from moorage.api.backupstore import BackupStore, parse_backupstore
from moorage.kube.reflector import Store

NO_STORE = "there is no store: no BackupStore of namespace {namespace} is its default, and spec.backup.store names none"


def stores_of(stores: Mapping[str, Store], namespace: str) -> list[BackupStore]:
    """The readable stores of a namespace that are not being deleted."""
    found = []
    for item in stores["BackupStore"].all():
        if item["metadata"]["namespace"] == namespace:
            try:
                found.append(parse_backupstore(item))
            except ValidationError:
                continue  # its own pass says so
    return sorted((s for s in found if s.metadata.deletion_timestamp is None), key=lambda s: s.metadata.name)


def defaults(stores: Mapping[str, Store], namespace: str) -> list[str]:
    return [store.metadata.name for store in stores_of(stores, namespace) if store.spec.default]


def choose(stores: Mapping[str, Store], namespace: str, named: str | None) -> tuple[BackupStore | None, str]:
    """The store, and why it cannot be used now (empty when it can)."""
    if named is not None:
        found = next((s for s in stores_of(stores, namespace) if s.metadata.name == named), None)
        if found is None:
            return None, f"there is no BackupStore '{named}' in namespace {namespace}"
        return found, why_not_ready(found)
    of_all = defaults(stores, namespace)
    if not of_all:
        return None, NO_STORE.format(namespace=namespace)
    if len(of_all) > 1:
        return None, two_defaults(of_all)
    return choose(stores, namespace, of_all[0])


def two_defaults(of_all: list[str]) -> str:
    return f"stores {' and '.join(of_all)} both say that they are the default: one of them must say default: false"


def why_not_ready(store: BackupStore) -> str:
    if store.status.phase == "Ready":
        return ""
    if store.status.phase == "Checking":
        return f"store '{store.metadata.name}' is being checked"
    return f"store '{store.metadata.name}' cannot be used: {store.status.message}"
