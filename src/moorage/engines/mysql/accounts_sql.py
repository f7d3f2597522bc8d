"""The users of a MySQL service and what they may do, as statements. Pure; a password is never part of a name or an argument."""

from moorage.engines.mysql.constants import (
    ADMIN_RIGHTS,
    APP_RIGHTS,
    DATABASE,
    GROUP_USER,
    METRICS_RIGHTS,
    OWN_USER,
    READER,
    SCHEMA,
)

APPLICATION = "app"
USERS: tuple[tuple[str, str, str], ...] = (
    ("admin", "admin-password", ADMIN_RIGHTS),
    (APPLICATION, "app-password", APP_RIGHTS),
)
"""Name, the mounted file that holds the password, and the role."""
FIRST_DATABASE = f"CREATE DATABASE IF NOT EXISTS {DATABASE}"
"""The one that the URIs name: without it nobody could connect. Made with its user, and not again for whoever drops it."""

READER_CONNECTIONS_MAX = 3
"""One that asks, and those that end."""

_OF_THE_CLUSTER = (
    "SYSTEM_USER", "SUPER", "SHUTDOWN", "FILE", "GROUP_REPLICATION_ADMIN", "GROUP_REPLICATION_STREAM", "REPLICATION_SLAVE_ADMIN",
    "CLONE_ADMIN", "PERSIST_RO_VARIABLES_ADMIN", "SYSTEM_VARIABLES_ADMIN", "SESSION_VARIABLES_ADMIN", "BINLOG_ADMIN",
    "ENCRYPTION_KEY_ADMIN", "INNODB_REDO_LOG_ENABLE",
)  # fmt: skip
"""What an administrator of the data does not have: with it a member could be made to differ from the others, or to end."""

_OWN = (
    f"GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP ON {SCHEMA}.* TO {{}}",
    f"GRANT CREATE ON {DATABASE}.* TO {{}}",
    "GRANT SELECT ON performance_schema.* TO {}",
    "GRANT SELECT ON mysql.user TO {}",
    "GRANT CREATE USER, PROCESS, RELOAD, REPLICATION CLIENT ON *.* TO {}",
    "GRANT REFERENCES ON *.* TO {}",  # it sees the names of tables and columns, and nothing that is in them
    "GRANT SYSTEM_USER, ROLE_ADMIN, CONNECTION_ADMIN, SYSTEM_VARIABLES_ADMIN ON *.* TO {}",
    "GRANT GROUP_REPLICATION_ADMIN, CLONE_ADMIN, BACKUP_ADMIN, REPLICATION_SLAVE_ADMIN ON *.* TO {}",
)
"""The agent in its own engine: it reads no data of people."""

_GROUP = (
    f"GRANT SELECT ON {SCHEMA}.* TO {{}}",
    "GRANT SELECT ON performance_schema.* TO {}",
    "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO {}",
    "GRANT SYSTEM_USER, CONNECTION_ADMIN, BACKUP_ADMIN, GROUP_REPLICATION_STREAM ON *.* TO {}",
)
"""Engines and agents in each other's: the group's messages, what others or an archive lack, a copy of everything, a look."""


def quoted(text: str) -> str:
    """As a literal of SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def first_statements(secrets: dict[str, str]) -> list[str]:
    """What a new engine is told before it ever listens. `secrets`: user → password."""
    return [
        *own_users(secrets),
        f"CREATE ROLE {APP_RIGHTS}, {ADMIN_RIGHTS}, {METRICS_RIGHTS}",
        f"GRANT ALL ON {DATABASE}.* TO {APP_RIGHTS}",
        rf"GRANT ALL ON `{DATABASE}\_%`.* TO {APP_RIGHTS}",
        f"GRANT SELECT ON {DATABASE}.* TO {METRICS_RIGHTS}",
        rf"GRANT SELECT ON `{DATABASE}\_%`.* TO {METRICS_RIGHTS}",
        f"GRANT ALL ON *.* TO {ADMIN_RIGHTS} WITH GRANT OPTION",
        f"REVOKE {', '.join(_OF_THE_CLUSTER)} ON *.* FROM {ADMIN_RIGHTS}",
        "DROP USER 'root'@'localhost'",
    ]


def own_users(secrets: dict[str, str]) -> list[str]:
    """Moorage's own, made anew: one that is there already, from elsewhere, goes with what it might do."""
    own, group = f"'{OWN_USER}'@'localhost'", f"'{GROUP_USER}'@'%'"
    return [
        f"DROP USER IF EXISTS {own}, {group}, '{READER}'@'localhost'",
        f"CREATE USER {own} IDENTIFIED BY {quoted(secrets[OWN_USER])}",
        *(grant.format(own) for grant in _OWN),
        f"CREATE USER {group} IDENTIFIED BY {quoted(secrets[GROUP_USER])} REQUIRE SSL",
        *(grant.format(group) for grant in _GROUP),
    ]


def create(user: str, password: str, role: str) -> list[str]:
    return [
        f"CREATE USER IF NOT EXISTS '{user}'@'%' IDENTIFIED BY {quoted(password)}",
        f"GRANT {role} TO '{user}'@'%'",
        f"ALTER USER '{user}'@'%' DEFAULT ROLE {role}",  # else a view or a procedure that it makes has no rights
    ]


def reader_statements(password: str) -> list[str]:
    """The user that queries of people's own are asked as. A role that was missing (data from before) may read nothing yet."""
    reader = f"'{READER}'@'localhost'"
    return [
        f"CREATE ROLE IF NOT EXISTS {METRICS_RIGHTS}",
        f"CREATE USER IF NOT EXISTS {reader} IDENTIFIED BY {quoted(password)} WITH MAX_USER_CONNECTIONS {READER_CONNECTIONS_MAX}",
        f"ALTER USER {reader} IDENTIFIED BY {quoted(password)} ACCOUNT UNLOCK",
        f"GRANT {METRICS_RIGHTS} TO {reader}",
        f"ALTER USER {reader} DEFAULT ROLE {METRICS_RIGHTS}",
    ]


def change_password(user: str, password: str) -> str:
    """What else a person changed of the user stays."""
    return f"ALTER USER '{user}'@'%' IDENTIFIED BY {quoted(password)}"
