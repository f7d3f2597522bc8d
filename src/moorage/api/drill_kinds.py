"""What a drill does to a service. Standard library only: agents know it, too, where each megabyte counts."""

from enum import StrEnum

DRILL = "drill"
"""The order: the agent makes a fault in its own member."""


class DrillKind(StrEnum):
    """What is done to a service in a drill."""

    PRIMARY_CRASH = "primary-crash"
    """The primary's engine is killed (`kill -9`)."""
    SECONDARY_CRASH = "secondary-crash"
    """A secondary's engine is killed."""
    PRIMARY_FREEZE = "primary-freeze"
    """The primary's engine stands still and then goes on, not knowing what it missed."""
    PRIMARY_HANDOVER = "primary-handover"
    """The primary hands over, as before every planned stop."""
    POD_DELETE = "pod-delete"
    """The primary's Pod is deleted, as when its node is drained."""
    NODE_LOSS = "node-loss"
    """The primary and its agent fall silent without a word, and are back later: as if their node had lost its power."""
    AGENT_CRASH = "agent-crash"
    """The primary's agent is killed, and its engine with it: the container starts anew."""
    MEMBER_DATA_LOSS = "member-data-loss"
    """A secondary's engine is killed and finds an empty data folder: it copies everything from the others."""
