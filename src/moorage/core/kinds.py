"""The kinds of repairs of a member, as `status.repairs` and `status.isRepairing` name them."""

RESYNC = "resync"
REPLACE_VOLUME = "replace-volume"
STAND_IN = "stand-in"
COPYING = frozenset({RESYNC, REPLACE_VOLUME, STAND_IN})
"""Those in which a member copies everything from the others."""
