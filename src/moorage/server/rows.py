"""Rows of services, made once per version of each: a list of a thousand is asked for more often than it changes."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from moorage.kube.reflector import Key, key_of

Object = dict[str, Any]
_V = TypeVar("_V")


class Rows(Generic[_V]):
    """Remembers what was made of an object as long as the object stays the same."""

    def __init__(self, make: Callable[[Object], _V]) -> None:
        self._make = make
        self._made: dict[Key, tuple[str, _V]] = {}

    def of(self, obj: Object) -> _V:
        """Raises what `make` raises."""
        key, version = key_of(obj), obj["metadata"].get("resourceVersion", "")
        known = self._made.get(key)
        if known is not None and known[0] == version:
            return known[1]
        row = self._make(obj)
        self._made[key] = (version, row)
        return row

    def forget(self, key: Key) -> None:
        """After the object is gone."""
        self._made.pop(key, None)
