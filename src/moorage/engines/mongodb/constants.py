"""What both sides of the engine, the pure rules and the member, must agree on."""

PORT = 27017
SLOW_SETTING, CONNECTIONS_SETTING = "operationProfiling.slowOpThresholdMs", "net.maxIncomingConnections"
LIFETIME_SETTING, CURSOR_SETTING = "setParameter.transactionLifetimeLimitSeconds", "setParameter.cursorTimeoutMillis"
SPARE_PORT = 27117
"""While the agent answers at PORT."""
USER_ID = 999
"""User `mongodb` of the official image."""
STATE_PRIMARY, STATE_SECONDARY, STATE_ARBITER = 1, 2, 7
"""Numbers of `replSetGetStatus`."""


def pod_of(host: str) -> str:
    """The Pod's name of a member's `host:port`."""
    return host.partition(".")[0]
