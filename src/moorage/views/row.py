"""A service as one row of a long list: what is needed to find the one that needs somebody. Pure."""

from typing import Any

from moorage.api.conditions import ConditionType
from moorage.api.dataservice import DataService, Health
from moorage.views.service import parse
from moorage.views.shown import Shown

Object = dict[str, Any]


class ServiceRow(Shown):
    """One service, in short."""

    engine: str
    version: str | None = None
    health: Health = Health.UNKNOWN
    message: str = ""
    """The sentence behind the colour."""
    members_ready: str = ""
    primary: str | None = None
    address: str | None = None
    last_backup: str | None = None
    """When the newest good backup ended."""
    last_verified_backup: str | None = None
    is_backed_up: bool = False
    """Whether the newest verified backup is young enough for the schedule."""
    is_initialized: bool = False
    """Whether its first deployment is over."""
    is_deleting: bool = False
    is_protected: bool = False
    doing: str = ""
    """What Moorage is doing, as the name of the step; empty when there is nothing to do."""
    maintenance_until: str | None = None
    created: str | None = None


def service_row(obj: Object) -> ServiceRow:
    service: DataService = parse(obj)
    meta, spec, status = service.metadata, service.spec, service.status
    endpoints = status.endpoints
    backed_up = next((c.status for c in status.conditions if c.type == ConditionType.BACKUP_HEALTHY), "Unknown")
    return ServiceRow(
        name=meta.name,
        namespace=meta.namespace,
        engine=spec.engine,
        version=status.version or spec.version,
        health=status.health_cluster,
        message=status.health_msg or ("" if status.observed_generation else "the operator has not looked at it yet"),
        members_ready=status.members_ready,
        primary=status.primary,
        address=f"{endpoints.host}:{endpoints.port}" if endpoints.host and endpoints.port else endpoints.host,
        last_backup=status.backup.last_success,
        last_verified_backup=status.backup.last_verified,
        is_backed_up=backed_up == "True",
        is_initialized=status.init.phase == "Succeeded",
        is_deleting=meta.deletion_timestamp is not None,
        is_protected=spec.protected,
        doing=status.repair.action if status.repair is not None else "",
        maintenance_until=status.maintenance.until if status.maintenance is not None else None,
        created=meta.creation_timestamp,
    )
