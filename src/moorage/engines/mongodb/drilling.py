"""MongoDB as the writer of a drill uses it: the application's own user and URI, in a database of its own."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from moorage.engines.drill import WriteError
from moorage.engines.mongodb.connections import said

DATABASE, COLLECTION = "moorage_drill", "writes"
URI, AUTHORITY = "tls-direct-uri", "ca.crt"
CHOOSE_MS, ANSWER_MS = 2_000, 5_000
"""No write waits for longer, so that the next one is tried. The URI's own options notice a lost node before."""


class MongoDrill:
    """Implements `drill.DrillClient`."""

    def __init__(self, app: Path) -> None:
        uri = (app / URI).read_text()
        self._client: MongoClient[dict[str, Any]] = MongoClient(
            uri, tlsCAFile=str(app / AUTHORITY), serverSelectionTimeoutMS=CHOOSE_MS, socketTimeoutMS=ANSWER_MS
        )
        self._writes = self._client[DATABASE][COLLECTION]

    def begin(self) -> None:
        self.end()

    def write(self, number: int) -> None:
        try:
            self._writes.insert_one({"_id": number})
        except PyMongoError as error:
            raise WriteError(_why(error)) from error

    def read(self) -> set[int]:
        try:
            found = self._writes.with_options(read_concern=ReadConcern("majority")).find({}, {"_id": 1})
            return {int(document["_id"]) for document in found}
        except PyMongoError as error:
            raise WriteError(_why(error)) from error

    def end(self) -> None:
        try:
            self._client.drop_database(DATABASE)
        except PyMongoError as error:
            raise WriteError(_why(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()


def _why(error: PyMongoError) -> str:
    """The engine's own words, or that it does not answer and how."""
    return f"{said(error)} ({type(error).__name__})"
