"""Judges of a history: functions from it to a verdict."""

from tests.chaos.checkers.availability import check_availability, first_ok_seconds, longest_gap_seconds
from tests.chaos.checkers.bank import check_bank
from tests.chaos.checkers.leaders import check_leaders
from tests.chaos.checkers.members import members_equal
from tests.chaos.checkers.register import check_register
from tests.chaos.checkers.sets import check_set
from tests.chaos.checkers.verdict import Verdict, merged

__all__ = [
    "Verdict",
    "check_availability",
    "check_bank",
    "check_leaders",
    "check_register",
    "check_set",
    "first_ok_seconds",
    "longest_gap_seconds",
    "members_equal",
    "merged",
]
