"""Judges of a history: functions from it to a verdict, to figures, or to sentences for what must not be."""

from tests.chaos.checkers.availability import gap_after_seconds, longest_gap_seconds
from tests.chaos.checkers.bank import check_bank
from tests.chaos.checkers.leaders import Acknowledged, acknowledged, two_primaries
from tests.chaos.checkers.members import members_equal
from tests.chaos.checkers.register import check_register
from tests.chaos.checkers.sets import check_set
from tests.chaos.checkers.verdict import Verdict, merged

__all__ = [
    "Acknowledged",
    "Verdict",
    "acknowledged",
    "check_bank",
    "check_register",
    "check_set",
    "gap_after_seconds",
    "longest_gap_seconds",
    "members_equal",
    "merged",
    "two_primaries",
]
