"""What the API server holds of queries that become metrics."""

from moorage.api.query_bounds import COLUMN_PATTERN, LABELS_TAKEN, NAME_PATTERN
from moorage.api.schema import Schema, rule, strings

_COLUMN_ALLOWED = "letters, digits and _, no digit and no two _ in front"


def with_query_rules(spec: Schema) -> None:
    """Adds them to the schema of a DataService's spec. Two queries of one name are refused by the kind of list."""
    found = spec["properties"]["metrics"]["properties"]["queries"]
    found |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
    found["items"]["properties"]["labels"]["x-kubernetes-list-type"] = "set"
    found["items"]["x-kubernetes-validations"] = _rules()


def _rules() -> list[Schema]:
    taken = strings(LABELS_TAKEN)
    return [
        rule(
            f"self.name.matches('{NAME_PATTERN}')",
            '"metrics query \'" + self.name + "\' is no name of a metric; '
            'allowed: lower-case letters and digits, in words joined by _, such as open_orders"',
            ".name",
        ),
        rule(
            f"self.value.matches('{COLUMN_PATTERN}')",
            f'"value \'" + self.value + "\' cannot be; allowed: {_COLUMN_ALLOWED}"',
            ".value",
        ),
        rule(
            f"self.labels.all(l, l.matches('{COLUMN_PATTERN}') && !(l in {taken}))",
            f'"labels [" + self.labels.join(\', \') + "] cannot be; allowed: {_COLUMN_ALLOWED}, '
            f'and none of {", ".join(LABELS_TAKEN)}"',
            ".labels",
        ),
        rule(
            "self.timeoutSeconds < self.everySeconds",
            "'timeoutSeconds is not below everySeconds: it would be asked all the time'",
            ".timeoutSeconds",
        ),
    ]
