"""Bases of what the API takes and gives: camelCase outside, snake_case inside."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Given(BaseModel):
    """What the API answers."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, json_schema_serialization_defaults_required=True
    )


class Asked(BaseModel):
    """What a person sends: an unknown field is refused, so that a typo never passes for a wish."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid")


LABEL = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
SpaceName = Annotated[str, Field(pattern=LABEL, max_length=63, description="Namespace.")]
ServiceName = Annotated[str, Field(pattern=LABEL, max_length=40, description="Name of a service.")]
ObjectName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253)]
MemberName = Annotated[str, Field(pattern=r"^(datanode[0-9]{1,2}|arbiter)$", description="Member, such as datanode0.")]
Line = Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of a person's own words."""
