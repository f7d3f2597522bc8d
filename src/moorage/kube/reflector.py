"""A local copy of one kind of object that is right again after any gap. Pure: the thin `watch` feeds it.

A relist replaces the whole copy and reports what vanished in the gap, which a watch alone never tells. The answers to our
own writes come on another way than the watch, earlier or later than it: of two states of an object the newer one stays.
"""

from typing import Any

Object = dict[str, Any]
Key = tuple[str, str]
"""Namespace (empty for cluster-wide kinds) and name."""


def key_of(item: Object) -> Key:
    meta = item["metadata"]
    return (meta.get("namespace") or "", meta["name"])


class Store:
    """The copy. Methods return the keys whose object changed."""

    def __init__(self) -> None:
        self._items: dict[Key, Object] = {}
        self.version = ""
        """Version to watch from; empty when a list is needed."""
        self.refused = ""
        """Why the server lets us look no more, so that the copy is old; empty when it does."""

    def listed(self, items: list[Object], version: str) -> set[Key]:
        """Replaces everything; what is not among `items` is gone, unless we wrote it after the list was made."""
        fresh = {key_of(item): item for item in items}
        for key, held in self._items.items():
            if _is_older(version, _version(held)) and not _is_older(_version(held), _version(fresh.get(key))):
                fresh[key] = held
        changed = {key for key, item in fresh.items() if _version(self._items.get(key)) != _version(item)}
        changed |= self._items.keys() - fresh.keys()
        self._items, self.version, self.refused = fresh, version, ""
        return changed

    def event(self, operation: str, item: Object) -> set[Key]:
        """One change of the watch. Bookmarks only move the version on."""
        self.version = item["metadata"].get("resourceVersion") or self.version
        key = key_of(item) if "name" in item["metadata"] else None
        if key is None or operation == "BOOKMARK" or _is_older(_version(item), _version(self._items.get(key))):
            return set()
        if operation == "DELETED":
            return {key} if self._items.pop(key, None) is not None else set()
        self._items[key] = item
        return {key}

    def wrote(self, item: Object) -> None:
        """The answer to our own write: seen before the watch tells of it. When the watch is past it already, it knows better."""
        key = key_of(item)
        if not any(_is_older(_version(item), known) for known in (self.version, _version(self._items.get(key)))):
            self._items[key] = item

    def lost(self, refused: str = "") -> None:
        """After any error: the next step is a list."""
        self.version, self.refused = "", refused

    def get(self, namespace: str, name: str) -> Object | None:
        return self._items.get((namespace, name))

    def all(self) -> list[Object]:
        return list(self._items.values())


def _version(item: Object | None) -> str:
    return "" if item is None else item["metadata"].get("resourceVersion", "")


def _is_older(version: str, than: str) -> bool:
    """Versions of one kind only rise, as numbers. What is no number cannot be compared and counts as new."""
    return version.isdigit() and than.isdigit() and int(version) < int(than)
