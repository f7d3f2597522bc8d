"""The two users that every service has, and how the engine is told of them."""

from typing import Any

USERS: tuple[tuple[str, str, list[dict[str, str]]], ...] = (
    ("admin", "admin-password", [{"role": "root", "db": "admin"}]),
    (
        "app",
        "app-password",
        [{"role": "readWriteAnyDatabase", "db": "admin"}, {"role": "dbAdminAnyDatabase", "db": "admin"}],
    ),
)
"""Name, the mounted file that holds the password, and roles."""

READER, READER_ROLES = "moorage-metrics", [{"role": "readAnyDatabase", "db": "admin"}]
"""Asks the queries that become metrics; made when there is a first one."""


def create_command(user: str, password: str, roles: list[dict[str, str]]) -> dict[str, Any]:
    return {"createUser": user, "pwd": password, "roles": roles}


def password_command(user: str, password: str) -> dict[str, Any]:
    """What else a person changed of the user stays."""
    return {"updateUser": user, "pwd": password}
