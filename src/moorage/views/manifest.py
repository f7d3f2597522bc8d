"""A service as a person writes it: the spec and their own metadata. What servers write beside it stays as it is. Pure."""

import hashlib
from typing import Any

import yaml

from moorage.api.dataservice import KIND
from moorage.api.schema import API_VERSION

Object = dict[str, Any]
_OWN_PREFIX = "moorage.dev/"
_OF_KUBECTL = "kubectl.kubernetes.io/last-applied-configuration"


def editable(obj: Object) -> Object:
    """Without status, and of the metadata only what people write."""
    meta = obj["metadata"]
    shown: Object = {"name": meta["name"], "namespace": meta["namespace"]}
    if meta.get("labels"):
        shown["labels"] = meta["labels"]
    annotations = {key: value for key, value in (meta.get("annotations") or {}).items() if not _is_hidden(key)}
    if annotations:
        shown["annotations"] = annotations
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": shown, "spec": obj.get("spec") or {}}


def text(content: Object) -> str:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)


def version(obj: Object) -> str:
    """Another one as soon as anything that people write is another. What servers write, such as the status, does not count."""
    return hashlib.sha256(text(editable(obj)).encode()).hexdigest()[:32]


def laid_over(kept: Object, wanted: Object) -> Object:
    """`kept` with what is wanted of it. What is hidden stays, whatever the text says of it."""
    meta, wish = kept["metadata"], wanted["metadata"]
    hidden = {key: value for key, value in (meta.get("annotations") or {}).items() if _is_hidden(key)}
    annotations = {**(wish.get("annotations") or {}), **hidden}
    changed = {**meta, "labels": wish.get("labels") or {}, "annotations": annotations}
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": changed, "spec": wanted.get("spec")}


def not_for_people(wanted: Object) -> list[str]:
    """Annotations of a text that are Moorage's own: written there they would order what the buttons ask about first."""
    return sorted(key for key in (wanted["metadata"].get("annotations") or {}) if str(key).startswith(_OWN_PREFIX))


def _is_hidden(annotation: str) -> bool:
    return annotation.startswith(_OWN_PREFIX) or annotation == _OF_KUBECTL
