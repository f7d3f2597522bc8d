"""What both sides of the engine, the pure rules and the member, must agree on."""

PORT = 3306
SPARE_PORT = 13306
"""While the agent answers at PORT."""
USER_ID = 999
"""User `mysql` of the official image."""
OWN_SESSION = "SET SESSION sql_mode = STRICT_ALL_TABLES, SESSION max_execution_time = 0, SESSION wait_timeout = 28800"
"""Said first wherever Moorage itself asks: what people set for their sessions neither ends ours nor reads them in another way."""
SCHEMA = "moorage"
"""Holds what the group itself is to remember: who is counted, and the term."""
DATABASE = "app"
"""Of the application: there from the beginning, and all that begin like it are its own to make."""
OWN_USER, GROUP_USER = "moorage", "moorage_group"
"""Of the agent in its own engine, over the socket alone; and of engines and agents in each other's, over TLS alone."""
READER = "moorage_metrics"
"""Asks the queries that become metrics, over the socket alone; made when there is a first one."""
APP_RIGHTS, ADMIN_RIGHTS, METRICS_RIGHTS = "moorage_app_rights", "moorage_admin_rights", "moorage_metrics_rights"
"""Roles: what the two users that every service has may do, and what queries that become metrics may read."""
HOST_PLACE = "--moorage-host="
"""Says how a member's host name is made of its Pod's name. For the agent; not one of mysqld's own arguments."""
FIRST_PORT_PLACE = "--moorage-first-port="
"""Where members share one machine: the port of member 0, and the others follow."""
