"""The part of an object's metadata that Moorage reads."""

from pydantic import Field

from moorage.api.conditions import Resource


class Metadata(Resource):
    """As the API server stores it; what is not read is left out."""

    name: str
    namespace: str = "default"
    uid: str = ""
    generation: int = 0
    resource_version: str = ""
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] = Field(default={})
    annotations: dict[str, str] = Field(default={})
    finalizers: list[str] = Field(default=[])
