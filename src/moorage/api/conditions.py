"""Conditions: what a person, `kubectl wait` and GitOps tools read. State, not transition; names never change once shipped."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Resource(BaseModel):
    """Base of everything that is written into a Kubernetes object: camelCase outside, snake_case inside."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="ignore",
        json_schema_serialization_defaults_required=True,
    )

    def to_dict(self) -> dict[str, object]:
        """The object as the API server stores it, without empty fields."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


MESSAGE_LENGTH_MAX = 4096


class ConditionType(StrEnum):
    """Condition types of our resources."""

    READY = "Ready"
    """The service can be used: a primary holds the address."""
    HEALTHY = "Healthy"
    """Every member is normal (green)."""
    RECONCILING = "Reconciling"
    """Moorage is on its way to what the spec asks for (abnormal when true)."""
    STALLED = "Stalled"
    """Moorage cannot get there without somebody's help; the message says whose (abnormal when true)."""
    BACKUP_HEALTHY = "BackupHealthy"
    """The newest verified backup is younger than two periods of the schedule."""
    METRICS_HEALTHY = "MetricsHealthy"
    """Every query of `spec.metrics` is answered; not there while there are none."""


class Condition(Resource):
    """One condition, as Kubernetes' API conventions define it."""

    type: ConditionType
    status: Literal["True", "False", "Unknown"]
    reason: str = Field(max_length=64)
    message: str = Field(default="", max_length=MESSAGE_LENGTH_MAX)
    last_transition_time: str | None = None
    observed_generation: int | None = None
