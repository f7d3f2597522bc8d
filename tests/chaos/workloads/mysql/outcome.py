"""What became of an operation of MySQL that ended in an error: `fail` is surely not done, `info` is unknown. Pure.

Only what decides is asked about: the statement that is a transaction of its own, or the COMMIT. Before it was sent nothing is
done. An answer to it says that nothing was done when mysqld refuses before it begins, or has rolled back by itself before the
group was asked. What it says while the group was asked (3100, 3101) is no such answer: the others may have the transaction.
"""

from typing import Literal

REFUSALS = {
    1205: "ER_LOCK_WAIT_TIMEOUT",
    1213: "ER_LOCK_DEADLOCK",
    1290: "ER_OPTION_PREVENTS_STATEMENT",  # super_read_only, also at the COMMIT of what began before
    1792: "ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION",
    1836: "ER_READ_ONLY_MODE",
    3032: "ER_SERVER_OFFLINE_MODE",
    3098: "ER_BEFORE_DML_VALIDATION_ERROR",
}


def outcome(*, was_sent: bool, code: int | None) -> Literal["fail", "info"]:
    """`was_sent`: whether what decides was. `code`: mysqld's answer to it, or the driver's own number; None: there is none."""
    return "info" if was_sent and code not in REFUSALS else "fail"
