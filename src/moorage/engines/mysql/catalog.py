"""MySQL's card: versions, limits, settings."""

from moorage.engines.contract import Category, EngineCard, EngineVersion
from moorage.engines.mysql.constants import PORT, USER_ID
from moorage.engines.mysql.parameters import PARAMETERS, REFUSED

_LOG_IN = (
    'umask 077; file=$(mktemp /tmp/client.XXXXXX); trap "rm -f $file" EXIT; '
    '{ echo "[client]"; printf "password=\\"%s\\"\\n" "$(cat "/run/moorage/internal/$MOORAGE_USER-password")"; } > "$file"; '
    'mysql --defaults-extra-file="$file" --user="$MOORAGE_USER" --host=127.0.0.1 --ssl-mode=VERIFY_CA '
    '--ssl-ca=/run/moorage/tls/ca.crt "$@"'
)
"""The password goes by a file that only this user reads, and that is gone afterwards: none stands in a process list."""

CARD = EngineCard(
    name="mysql",
    title="MySQL",
    summary="Relational database as a replication group: three members, a write is confirmed when a majority has it.",
    categories=(Category.RELATIONAL,),
    versions=(
        EngineVersion("8.4", "docker.io/library/mysql:8.4"),
        EngineVersion("9.7", "docker.io/library/mysql:9.7"),
    ),
    default_version="9.7",
    members_default=3,
    members_allowed=(1, 3, 5, 7),
    storage_min="2Gi",
    memory_min="1Gi",
    supports_arbiter=False,
    port=PORT,
    user_id=USER_ID,
    client_command=("sh", "-c", _LOG_IN, "mysql"),
    client_interactive=(),
    client_program="mysql",
    authority_option="&ssl-ca=FILE (to tls-python-uri: &ssl_ca=FILE)",
    parameters=PARAMETERS,
    parameters_refused=REFUSED,
)
