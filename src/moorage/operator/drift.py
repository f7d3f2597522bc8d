"""Finds what was edited by hand. The digest on an object tells what we applied, not what became of it since. Pure."""

import base64
from collections.abc import Mapping
from typing import Any

from moorage.api.quantity import parse
from moorage.core import names
from moorage.core.step import EDITED
from moorage.kube.reflector import Store
from moorage.operator.manifests import Manifest, Objects, key


class Versions:
    """The version that each object had when we applied it: one that has it still was touched by nobody.

    So a value that the API server writes in another way than we do costs one more apply, and not one after the other.
    """

    def __init__(self) -> None:
        self._applied: dict[tuple[str, str], dict[str, str]] = {}

    def note(self, item: Manifest) -> None:
        """`item` as the API server answered it."""
        meta = item["metadata"]
        service = (meta.get("labels") or {}).get(names.LABEL_INSTANCE, "")
        self._applied.setdefault((meta["namespace"], service), {})[key(item)] = meta["resourceVersion"]

    def forget(self, at: tuple[str, str]) -> None:
        """The service is gone."""
        self._applied.pop(at, None)

    def edited(self, objects: Objects, stores: Mapping[str, Store]) -> dict[str, str]:
        """`Kind/name` → EDITED for every object of the service that is not as we apply it."""
        found = {}
        for manifest in objects.manifests:
            meta = manifest["metadata"]
            item = stores[manifest["kind"]].get(meta["namespace"], meta["name"])
            if item is None or key(manifest) in objects.create_only:
                continue
            known = self._applied.get((meta["namespace"], meta["labels"][names.LABEL_INSTANCE]), {}).get(key(manifest), "")
            if item["metadata"].get("resourceVersion") != known and not is_as_applied(manifest, item):
                found[key(manifest)] = EDITED
        return found


def is_as_applied(manifest: Manifest, item: Manifest) -> bool:
    """Whether everything that we apply stands in the object; what others wrote beside it is theirs."""
    wanted = as_merge(manifest)
    if manifest["kind"] == "Secret":
        texts: Mapping[str, str] = wanted.pop("stringData")
        wanted["data"] = {k: base64.b64encode(text.encode()).decode() for k, text in texts.items()}
    return _stands_in(wanted, item)


def as_merge(manifest: Manifest) -> Manifest:
    """What of it can be changed in an object that exists."""
    changed = {k: v for k, v in manifest.items() if k not in ("apiVersion", "kind")}  # a list leaves them out
    if manifest["kind"] == "StatefulSet":  # its volume templates never change
        changed["spec"] = {k: v for k, v in manifest["spec"].items() if k != "volumeClaimTemplates"}
    return changed


def _stands_in(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_stands_in(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        is_list = isinstance(found, list) and len(found) == len(wanted)
        return is_list and all(_stands_in(one, other) for one, other in zip(wanted, found, strict=True))
    return bool(wanted == found) or _is_same_quantity(wanted, found)


def _is_same_quantity(wanted: Any, found: Any) -> bool:
    """The API server writes `0.5` as `500m`."""
    try:
        return bool(parse(wanted) == parse(found))
    except (TypeError, ValueError):
        return False
