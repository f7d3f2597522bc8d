"""What a query that becomes a metric may be. Standard library only: agents hold it too."""

from enum import StrEnum

PREFIX = "moorage_custom_"
"""Of the names of the metrics that queries become."""
QUERIES_MAX, LABELS_MAX = 20, 4
"""Of one service; of one query."""
TEXT_MAX, NAME_LENGTH_MAX, COLUMN_LENGTH_MAX = 2_000, 60, 40
"""All queries of a service have to fit into an annotation (256 KiB)."""
EVERY_SECONDS_MIN, EVERY_SECONDS_MAX = 10, 86_400
TIMEOUT_SECONDS_MIN, TIMEOUT_SECONDS_MAX = 1, 30
NAME_PATTERN = "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
COLUMN_PATTERN = "^([a-zA-Z]|_[a-zA-Z0-9])[a-zA-Z0-9_]*$"
"""Of a label, which is a column or field of the answer too. Two underscores in front are Prometheus's own."""
LABELS_TAKEN = ("namespace", "service", "pod", "job", "instance", "le", "quantile")


class Asked(StrEnum):
    """Which members are asked."""

    PRIMARY = "Primary"
    SECONDARY = "Secondary"
    """Each of them."""
    EACH = "Each"
