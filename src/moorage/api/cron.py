"""What the API server takes as a cron expression: five fields, numbers in their ranges, lists, ranges and steps."""

from moorage.api.schema import Schema, rule


def _field(number: str) -> str:
    one = f"([*]|({number})(-({number}))?)(/[1-9][0-9]?)?"
    return f"{one}(,{one})*"


_FIELDS = ("[0-5]?[0-9]", "[01]?[0-9]|2[0-3]", "[1-9]|0[1-9]|[12][0-9]|3[01]", "[1-9]|0[1-9]|1[0-2]", "[0-7]")
PATTERN = "^" + " +".join(_field(number) for number in _FIELDS) + "$"


def cron_rules(path: str) -> list[Schema]:
    """For the field at `path` below the spec."""
    head, _, _ = path.partition(".")
    return [
        rule(
            f"!has(self.{head}) || !has(self.{path}) || self.{path}.matches(r'{PATTERN}')",
            f'"{path} \'" + self.{path} + "\' is no cron expression; allowed: five fields, minute hour day month weekday, '
            'such as 30 2 * * * (every day at 02:30) or 0 3 * * 0 (Sundays at 03:00)"',
            f".{path}",
        )
    ]
