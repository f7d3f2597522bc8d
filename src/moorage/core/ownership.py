"""Whose a backup is that stands in a store. Pure.

Two clusters may write into one store: each deletes what it took itself, and what it took over by adopting the service.
"""

from collections.abc import Mapping

from moorage.core import names

UNKNOWN = "unknown"
"""In place of a cluster: backups whose manifest names none, and a cluster that may not read its own identity."""


def adopted(annotations: Mapping[str, str]) -> frozenset[str]:
    """Clusters whose backups of this service were taken over with it. `annotations`: those of the DataService."""
    said = annotations.get(names.ANNOTATION_ADOPTED, "")
    return frozenset(part for part in said.split(",") if part)


def is_owned(of_cluster: str | None, here: str, annotations: Mapping[str, str]) -> bool:
    """Whether a backup that `of_cluster` took is deleted from here. `here`: this cluster; empty: it is not known."""
    return (bool(of_cluster) and of_cluster == here) or (of_cluster or UNKNOWN) in adopted(annotations)


def owners(here: str, annotations: Mapping[str, str]) -> list[str]:
    """All whose things in the store are deleted from here."""
    return sorted({*([here] if here else []), *adopted(annotations)})
