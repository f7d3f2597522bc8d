"""The promise of every rebuild: what is acknowledged stays held, and nobody is counted who forgot what it held."""

from tests.sim.configuration import Configuration

DATA_MEMBERS_OF_ARBITER = 2
"""With an arbiter there are so many members that hold data."""


def why_at_risk(known: Configuration | None, pod: str, holders: int, *, is_useless: bool) -> str | None:
    """What is wrong with taking a member's data away now. `holders`: the others that hold everything that was acknowledged."""
    may_stay = known is not None and is_useless and len(known.data_members) == DATA_MEMBERS_OF_ARBITER
    if known is not None and pod in known.members and not may_stay:
        return "although the replica set counts it"
    if not holders:
        return "although no other member holds everything"
    if known is not None and not is_useless and not known.is_majority_of_data(holders):
        return f"although only {holders} others hold everything"
    return None
