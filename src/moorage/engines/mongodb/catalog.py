"""MongoDB's card: versions, limits, settings."""

from moorage.engines.contract import Category, EngineCard, EngineVersion, Parameter
from moorage.engines.mongodb.constants import PORT, USER_ID

_LOG_IN = (
    'void db.getSiblingDB("admin").auth(process.env.MOORAGE_USER, '
    'fs.readFileSync(`/run/moorage/internal/${process.env.MOORAGE_USER}-password`, "utf8").trim())'
)
"""Run by the client itself, so that no password stands in a process list."""

_ADDRESS = "mongodb://127.0.0.1/app?directConnection=true&serverSelectionTimeoutMS=30000"
"""mongosh gives up after 2 s by default, and in a member with a tenth of a core it needs longer for its own start."""

CARD = EngineCard(
    name="mongodb",
    title="MongoDB",
    summary="Document database as a replica set: three members, majority writes, fail-over in about half a second.",
    categories=(Category.DOCUMENT,),
    versions=(
        EngineVersion("6.0", "docker.io/library/mongo:6.0"),
        EngineVersion("7.0", "docker.io/library/mongo:7.0"),
        EngineVersion("8.0", "docker.io/library/mongo:8.0"),
    ),
    default_version="6.0",
    members_default=3,
    members_allowed=(1, 3, 5, 7),
    storage_min="1Gi",
    memory_min="512Mi",
    supports_arbiter=True,
    port=PORT,
    user_id=USER_ID,
    client_command=("mongosh", _ADDRESS, "--quiet", "--tls", "--tlsCAFile", "/run/moorage/tls/ca.crt", "--eval", _LOG_IN),
    client_interactive=("--shell",),
    client_program="mongosh",
    authority_option="&tlsCAFile=FILE",
    parameters=(
        Parameter(
            "operationProfiling.slowOpThresholdMs",
            "Operations slower than this many milliseconds are logged.",
            r"^[0-9]{1,7}$",
            "0 to 9999999 (milliseconds)",
        ),
        Parameter("net.maxIncomingConnections", "Most client connections at once.", r"^[1-9][0-9]{1,5}$", "10 to 999999"),
        Parameter(
            "setParameter.transactionLifetimeLimitSeconds",
            "Longest life of a transaction in seconds.",
            r"^[1-9][0-9]{0,5}$",
            "1 to 999999 (seconds)",
        ),
        Parameter(
            "setParameter.cursorTimeoutMillis",
            "Idle cursors are closed after this long.",
            r"^[1-9][0-9]{3,8}$",
            "1000 to 999999999 (milliseconds)",
        ),
    ),
)
