"""Judges of a history: functions from it to a verdict."""

from tests.chaos.checkers.availability import check_availability, first_ok_seconds, longest_gap_seconds
from tests.chaos.checkers.members import members_equal
from tests.chaos.checkers.verdict import Verdict, merged

__all__ = ["Verdict", "check_availability", "first_ok_seconds", "longest_gap_seconds", "members_equal", "merged"]
