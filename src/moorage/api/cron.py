"""What the API server takes as a cron expression: five fields, numbers in their ranges, lists, ranges and steps.

And of those that name a day which none of their months has, all that people write; `core.schedule` knows the others.
"""

from moorage.api.schema import Schema, rule


def _field(number: str) -> str:
    one = f"([*]|({number})(-({number}))?)(/[1-9][0-9]?)?"
    return f"{one}(,{one})*"


_FIELDS = ("[0-5]?[0-9]", "[01]?[0-9]|2[0-3]", "[1-9]|0[1-9]|[12][0-9]|3[01]", "[1-9]|0[1-9]|1[0-2]", "[0-7]")
PATTERN = "^" + " +".join(_field(number) for number in _FIELDS) + "$"


def _list(number: str) -> str:
    return f"({number})(,({number}))*"


_DAY_31, _DAY_30_OR_31 = "31(-31)?", "30(-3[01])?|31(-31)?"
_FEBRUARY, _SHORT = "0?2", "0?[2469]|11"
NEVER = f"^[^ ]+ +[^ ]+ +(({_list(_DAY_31)}) +({_list(_SHORT)})|({_list(_DAY_30_OR_31)}) +({_list(_FEBRUARY)})) +[*][^ ]*$"


def cron_rules(path: str) -> list[Schema]:
    """For the field at `path` below the spec."""
    head, _, _ = path.partition(".")
    return [
        rule(
            f"!has(self.{head}) || !has(self.{path}) || self.{path}.matches(r'{PATTERN}')",
            f'"{path} \'" + self.{path} + "\' is no cron expression; allowed: five fields, minute hour day month weekday, '
            'such as 30 2 * * * (every day at 02:30) or 0 3 * * 0 (Sundays at 03:00)"',
            f".{path}",
        ),
        rule(
            f"!has(self.{head}) || !has(self.{path}) || !self.{path}.matches(r'{NEVER}')",
            f'"{path} \'" + self.{path} + "\' never comes: none of its months has that day; allowed: a date that there is, '
            'such as 0 3 1 * * (the first of every month at 03:00)"',
            f".{path}",
        ),
    ]
