"""`spec.metrics` of a DataService: queries that become metrics."""

from typing import Annotated

from pydantic import Field

from moorage.api.conditions import Resource
from moorage.api.query_bounds import (
    COLUMN_LENGTH_MAX,
    EVERY_SECONDS_MAX,
    EVERY_SECONDS_MIN,
    LABELS_MAX,
    NAME_LENGTH_MAX,
    QUERIES_MAX,
    TEXT_MAX,
    TIMEOUT_SECONDS_MAX,
    TIMEOUT_SECONDS_MIN,
    Asked,
)

Column = Annotated[str, Field(max_length=COLUMN_LENGTH_MAX)]


class MetricQuery(Resource):
    """One query. Its answer becomes the metric `moorage_custom_NAME`."""

    name: str = Field(
        max_length=NAME_LENGTH_MAX,
        description="The metric is moorage_custom_NAME; a counter when it ends in _total, else a gauge.",
    )
    help: str = Field(default="", max_length=200, description="What it means, for people.")
    database: str = Field(min_length=1, max_length=64, description="Database that is asked.")
    query: str = Field(
        min_length=1,
        max_length=TEXT_MAX,
        description="SQL: one SELECT. MongoDB: the command aggregate as JSON, with the entries aggregate and pipeline.",
    )
    value: Column = Field(default="value", description="Column or field of the answer that holds the number.")
    labels: list[Column] = Field(
        default=[], max_length=LABELS_MAX, description="Columns or fields of the answer that become labels."
    )
    every_seconds: int = Field(
        default=60,
        ge=EVERY_SECONDS_MIN,
        le=EVERY_SECONDS_MAX,
        description="How often it is asked.",
    )
    timeout_seconds: int = Field(
        default=5,
        ge=TIMEOUT_SECONDS_MIN,
        le=TIMEOUT_SECONDS_MAX,
        description="The engine ends it after so long.",
    )
    members: Asked = Field(
        default=Asked.PRIMARY,
        description="Members that are asked: the Primary, each Secondary, or Each; each has its own series.",
    )


class Metrics(Resource):
    """What is measured besides what Moorage measures by itself."""

    queries: list[MetricQuery] = Field(
        default=[],
        max_length=QUERIES_MAX,
        description="Queries that become metrics. Each has 50 series at most at each member.",
    )
