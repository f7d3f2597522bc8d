"""Volumes that were kept when their service was deleted. Pure."""

import json
from collections.abc import Iterable
from typing import Any

from pydantic import Field

from moorage.api.conditions import Resource
from moorage.api.dataservice import KIND
from moorage.api.schema import API_VERSION
from moorage.core import names
from moorage.views.errors import UnreadableError

Object = dict[str, Any]
LABELS = {names.LABEL_PART_OF: names.PART_OF}


class Volume(Resource):
    name: str
    size: str = ""
    phase: str = ""


class Retained(Resource):
    """What stays of a deleted service."""

    name: str
    namespace: str
    engine: str = ""
    volumes: list[Volume] = Field(default=[])
    spec: dict[str, Any] | None = None
    """The DataService's spec when it was deleted; None when the volumes do not carry it."""
    deleted: str | None = None
    """When its deletion was asked for; None when the volumes do not say it."""

    def manifest(self) -> Object:
        """The DataService that brings it back."""
        if self.spec is None:
            message = (
                f"the volumes of {self.name} do not say what they belonged to (no annotation {names.ANNOTATION_SERVICE}); "
                "deploying the same engine under the same name brings them back"
            )
            raise UnreadableError(message, f"moorage deploy ENGINE {self.name} -n {self.namespace}")
        metadata = {"name": self.name, "namespace": self.namespace}
        return {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": self.spec}


def volumes(claims: Iterable[Object]) -> list[Volume]:
    """The claims as people see them, in order of their names."""
    found = (
        Volume(
            name=claim["metadata"]["name"],
            size=(claim.get("status") or {}).get("capacity", {}).get("storage")
            or claim["spec"].get("resources", {}).get("requests", {}).get("storage", ""),
            phase=(claim.get("status") or {}).get("phase", ""),
        )
        for claim in claims
        if not claim["metadata"].get("deletionTimestamp")
    )
    return sorted(found, key=lambda volume: volume.name)


def retained(claims: Iterable[Object], live: set[tuple[str, str]]) -> list[Retained]:
    """Services whose volumes are there but who are not; `live`: (namespace, name) of those that are.

    A volume that is on its way out brings nobody back.
    """
    groups: dict[tuple[str, str], list[Object]] = {}
    for claim in claims:
        meta = claim["metadata"]
        marked = names.ANNOTATION_SERVICE in (meta.get("annotations") or {})
        key = (meta["namespace"], (meta.get("labels") or {}).get(names.LABEL_INSTANCE, ""))
        if key[1] and key not in live and marked and not meta.get("deletionTimestamp"):
            groups.setdefault(key, []).append(claim)
    return [_group(key, group) for key, group in sorted(groups.items())]


def _group(key: tuple[str, str], claims: list[Object]) -> Retained:
    kept = next((found for claim in claims if (found := _kept(claim)) is not None), {})
    spec = kept.get("spec")
    engine = (spec or {}).get("engine") or claims[0]["metadata"]["labels"].get("app.kubernetes.io/name", "")
    deleted = kept.get("deleted")
    return Retained(
        name=key[1],
        namespace=key[0],
        engine=engine,
        volumes=volumes(claims),
        spec=spec,
        deleted=deleted if isinstance(deleted, str) else None,
    )


def _kept(claim: Object) -> Object | None:
    """What the operator wrote onto the claim, when it says what it belonged to."""
    text = (claim["metadata"].get("annotations") or {}).get(names.ANNOTATION_SERVICE, "")
    try:
        kept: Object = json.loads(text)
        spec = kept.get("spec")
    except (ValueError, AttributeError):
        return None
    return kept if isinstance(spec, dict) and spec.get("engine") else None
