"""Faults of the cluster itself: its tests take turns with all others that use it."""

from tests.turns import pytest_runtest_protocol

__all__ = ["pytest_runtest_protocol"]
