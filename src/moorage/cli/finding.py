"""What the doctor says of one thing that it looked at. Pure."""

from enum import StrEnum

from moorage.api.conditions import Resource


class Grade(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It works; something is less safe than it could be, or could not be looked at."""
    PROBLEM = "problem"
    """Something does not work."""


class Finding(Resource):
    """One thing that was looked at."""

    what: str
    grade: Grade
    says: str
    do: str = ""
    """What puts it right; empty when all is well."""


def ok(what: str, says: str) -> Finding:
    return Finding(what=what, grade=Grade.OK, says=says)


def warning(what: str, says: str, do: str) -> Finding:
    return Finding(what=what, grade=Grade.WARNING, says=says, do=do)


def problem(what: str, says: str, do: str) -> Finding:
    return Finding(what=what, grade=Grade.PROBLEM, says=says, do=do)
