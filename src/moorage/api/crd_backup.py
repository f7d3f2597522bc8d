"""The CustomResourceDefinitions of BackupStore, DataBackup and DataRestore, with their rules in CEL."""

from collections.abc import Sequence

from moorage.api import backupstore, databackup, datarestore
from moorage.api.schema import (
    ResourceNames,
    Schema,
    column,
    definition,
    model_schema,
    resource_schema,
    rule,
    status_schema,
)

_AGE = column("Age", ".metadata.creationTimestamp", "date")
_MESSAGE = {**column("Message", ".status.message"), "priority": 1}


def _exactly_one(fields: Sequence[str], example: str) -> Schema:
    count = " + ".join(f"(has(self.{field}) ? 1 : 0)" for field in fields)
    words = ", ".join(fields[:-1]) + f" and {fields[-1]}"
    return {
        "rule": f"{count} == 1",
        "message": f"exactly one of {words} must be given; such as {example}",
        "reason": "FieldValueInvalid",
    }


def _fixed(what: str, *, but: str = "") -> Schema:
    allowed = f"only {but} can be changed; " if but else ""
    return {
        "rule": "self == oldSelf",
        "message": f"{what} cannot be changed after it was made; {allowed}make another one",
        "reason": "FieldValueInvalid",
    }


def backupstore_crd() -> Schema:
    spec = model_schema(backupstore.BackupStoreSpec)
    spec["x-kubernetes-validations"] = [
        _exactly_one(("s3", "fileSystem"), "s3: {endpoint: https://s3.example.com, bucket: backups, credentialsSecret: s3}"),
        rule(
            "!has(self.s3) || self.s3.endpoint.matches(r'^https?://[^/?#]+/?$')",
            '"endpoint \'" + self.s3.endpoint + "\' is no address of an S3 service; allowed: '
            'https://HOST or https://HOST:PORT, and http:// where nobody else can listen"',
            ".s3.endpoint",
        ),
        rule(
            "!has(self.encryption) || self.encryption.recipient.matches(r'^age1[02-9ac-hj-np-z]{58}$')",
            '"recipient \'" + self.encryption.recipient + "\' is no public key of age; allowed: what age-keygen prints after '
            "'Public key:', which starts with age1\"",
            ".encryption.recipient",
        ),
    ]
    columns = [
        column("Phase", ".status.phase"),
        column("Default", ".spec.default", "boolean"),
        column("Checked", ".status.checked", "date"),
        _AGE,
        {**_MESSAGE, "priority": 0},
    ]
    root = resource_schema(spec, status_schema(backupstore.BackupStoreStatus))
    return definition(ResourceNames(backupstore.KIND, backupstore.PLURAL, "mbs"), root, columns=columns)


def databackup_crd() -> Schema:
    spec = model_schema(databackup.DataBackupSpec)
    for field in ("service", "trigger"):
        spec["properties"][field]["x-kubernetes-validations"] = [_fixed(f"{field} of a backup", but="keepDays")]
    columns = [
        column("Service", ".spec.service"),
        column("Phase", ".status.phase"),
        column("Started", ".status.startTime", "date"),
        column("Ended", ".status.endTime", "date"),
        column("Size", ".status.sizeBytes", "integer"),
        column("Verified", ".status.verified", "boolean"),
        column("Trigger", ".spec.trigger"),
        _AGE,
        _MESSAGE,
    ]
    root = resource_schema(spec, status_schema(databackup.DataBackupStatus))
    return definition(ResourceNames(databackup.KIND, databackup.PLURAL, "mdb"), root, columns=columns)


def datarestore_crd() -> Schema:
    spec = model_schema(datarestore.DataRestoreSpec)
    has_source = "(has(self.source) && (has(self.source.backup) || has(self.source.storedBackup) || has(self.source.at)))"
    spec["x-kubernetes-validations"] = [
        _fixed("a restore"),
        _exactly_one(("toNew", "inPlace", "undo"), "toNew: orders-copy"),
        {
            "rule": f"has(self.undo) != {has_source}",
            "message": "source must name a backup, a storedBackup or a moment (at), and be left out for an undo; "
            "such as source: {backup: mongodb-shop-orders-20261106023000}",
            "reason": "FieldValueInvalid",
        },
        {
            "rule": "!has(self.source) || !has(self.source.at) || has(self.source.service) || has(self.inPlace)",
            "message": "source.service must say whose moment `at` is; "
            "such as source: {service: orders, at: 2026-11-06T12:34:56Z}",
            "reason": "FieldValueInvalid",
        },
        {
            "rule": "!has(self.source) || !has(self.source.storedBackup) || has(self.source.store)",
            "message": "source.store must say which BackupStore knows storedBackup",
            "reason": "FieldValueInvalid",
        },
        rule(
            "!has(self.source) || !has(self.source.at) || self.source.at.matches("
            r"r'^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$')",
            '"at \'" + self.source.at + "\' is no moment; allowed: a date, a time and a zone, such as 2026-11-06T12:34:56+08:00"',
            ".source.at",
        ),
    ]
    columns = [
        column("To", ".spec.toNew"),
        column("In place", ".spec.inPlace"),
        column("Undo", ".spec.undo"),
        column("Phase", ".status.phase"),
        column("Started", ".status.startTime", "date"),
        column("Ended", ".status.endTime", "date"),
        _AGE,
        _MESSAGE,
    ]
    root = resource_schema(spec, status_schema(datarestore.DataRestoreStatus))
    return definition(ResourceNames(datarestore.KIND, datarestore.PLURAL, "mdr"), root, columns=columns)
