"""`moorage deploy`: creates a DataService; what the API server cannot know is refused before it is sent."""

from typing import Annotated

import typer

from moorage.api.dataservice import ExposeType, OnDelete
from moorage.cli import follow
from moorage.cli.catalog import card
from moorage.cli.cluster import Cluster, Object, connect
from moorage.cli.errors import CliError, ExitCode, usage
from moorage.cli.options import EngineName, Namespace, Output, Timeout, Wait, _complete_store, seconds
from moorage.cli.output import Format, data, hint, line, say
from moorage.cli.parameters import parameters
from moorage.cli.status import present
from moorage.core.schedule import why_unusable
from moorage.engines.registry import load
from moorage.views.service import service_view
from moorage.wishes.deploy import Wish, differences, manifest

_PREVIEW_TIMEOUT_SECONDS = 3.0


def command(  # noqa: PLR0913 - one parameter per option
    ctx: typer.Context,
    engine: EngineName,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the service; also its DNS name.")],
    namespace: Namespace = None,
    version: Annotated[str | None, typer.Option(help="Engine version; the catalogue's default when absent.")] = None,
    members: Annotated[int | None, typer.Option(help="Data members; the engine's default when absent.")] = None,
    arbiter: Annotated[
        bool | None, typer.Option("--arbiter", help="2 data members and an arbiter, if the engine has one.")
    ] = None,
    size: Annotated[str | None, typer.Option(help="Volume of each member, such as 20Gi. It can grow, never shrink.")] = None,
    class_name: Annotated[str | None, typer.Option("--class", help="StorageClass; the cluster's default when absent.")] = None,
    cpu: Annotated[str | None, typer.Option(help="Cores of each member, such as 500m or 2.")] = None,
    memory: Annotated[str | None, typer.Option(help="Memory of each member, such as 2Gi.")] = None,
    image: Annotated[str | None, typer.Option(help="Image override; the catalogue's when absent.")] = None,
    param: Annotated[list[str] | None, typer.Option(metavar="K=V", help="Engine setting; may be given more than once.")] = None,
    expose: Annotated[ExposeType | None, typer.Option(case_sensitive=False, help="Where the address is reachable from.")] = None,
    on_delete: Annotated[
        OnDelete | None, typer.Option("--on-delete", case_sensitive=False, help="What happens to the volumes at deletion.")
    ] = None,
    protected: Annotated[bool | None, typer.Option("--protected/--no-protected", help="The API server refuses deletion.")] = None,
    time_zone: Annotated[str | None, typer.Option("--time-zone", help="IANA time zone, such as Asia/Shanghai.")] = None,
    backup: Annotated[
        bool | None, typer.Option("--backup/--no-backup", help="Backups by schedule; yes when there is a store.")
    ] = None,
    backup_store: Annotated[
        str | None,
        typer.Option("--backup-store", help="Store; the namespace's default when absent.", autocompletion=_complete_store),
    ] = None,
    backup_schedule: Annotated[
        str | None, typer.Option("--backup-schedule", metavar="CRON", help="In the service's time zone; '30 2 * * *'.")
    ] = None,
    keep_days: Annotated[int | None, typer.Option("--keep-days", help="Backups are deleted after so many days; 7.")] = None,
    point_in_time: Annotated[
        bool | None, typer.Option("--point-in-time/--no-point-in-time", help="Any moment can be restored; yes.")
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Change an existing service: only what is said here changes.")] = False,
    wait: Wait = False,
    timeout: Timeout = "10m",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be applied; change nothing.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """A service of the same name whose volumes were kept comes back with its data, users and passwords.

    Deploying again what is there already changes nothing; a difference is a conflict unless --update is given.
    """
    limit_seconds = seconds(timeout)
    settings = parameters(param or [])
    _refuse_unknown_settings(engine, settings)
    if backup_schedule is not None and (refused := why_unusable(backup_schedule)) is not None:
        raise usage(refused)
    cluster = _cluster(ctx, namespace, dry_run=dry_run)
    wanted = manifest(
        Wish(
            engine=engine,
            name=name,
            namespace=cluster.namespace if cluster else namespace or "default",
            version=version,
            members=members,
            arbiter=arbiter or None,
            size=size,
            class_name=class_name,
            cpu=cpu,
            memory=memory,
            image=image,
            parameters=settings,
            expose=str(expose) if expose else None,
            on_delete=str(on_delete) if on_delete else None,
            protected=protected,
            time_zone=time_zone,
            backup=backup,
            backup_store=backup_store,
            backup_schedule=backup_schedule,
            keep_days=keep_days,
            point_in_time=point_in_time,
        )
    )
    if dry_run:
        _preview(cluster, wanted, output, update=update)
        return
    assert cluster is not None, "only a dry run goes without a cluster"
    made, verb = _apply(cluster, wanted, update=update)
    if wait:
        if output is Format.TEXT:
            say(f"{name} {verb}; waiting until it is green")
        made = follow.until(cluster, name, follow.is_green, limit_seconds)
    if output is not Format.TEXT:
        data(service_view(made).to_json(), output)
    elif wait:
        present(cluster, made, Format.TEXT)
    else:
        line(f"{cluster.namespace}/{name} {verb}")
    where = f"{name} -n {cluster.namespace}"
    hint(f"moorage connect {where}    (or: moorage credentials {where})" if wait else f"moorage status {where} -w")


def _refuse_unknown_settings(engine: str, settings: dict[str, str]) -> None:
    """An engine that this CLI does not know is the API server's to judge."""
    found = load().get(engine)
    reason = found.card.why_parameters_refused(settings) if found is not None else None
    if reason is not None:
        raise usage(reason, f"moorage catalog {engine}")


def _cluster(ctx: typer.Context, namespace: str | None, *, dry_run: bool) -> Cluster | None:
    try:
        if not dry_run:
            return connect(ctx.obj, namespace)
        return connect(ctx.obj, namespace, timeout_seconds=_PREVIEW_TIMEOUT_SECONDS)
    except CliError as error:
        if dry_run:
            say(f"not checked by an API server: {error}")
            return None
        raise


def _apply(cluster: Cluster, wanted: Object, *, update: bool) -> tuple[Object, str]:
    """Creates, or changes with `--update`, or finds that nothing is to be done."""
    name = wanted["metadata"]["name"]
    try:
        return cluster.create_service(wanted), "created"
    except CliError as error:
        if error.code is not ExitCode.CONFLICT:
            raise
    found = cluster.service(name)
    if found["metadata"].get("deletionTimestamp"):
        message = f"{name} is being deleted; it can be deployed again when that is done"
        raise CliError(message, ExitCode.CONFLICT, f"moorage status {name} -n {cluster.namespace} -w")
    different = differences(wanted["spec"], found.get("spec") or {})
    if not different:
        return found, "unchanged"
    if not update:
        message = f"{name} exists already and differs: {'; '.join(different)}"
        raise CliError(message, ExitCode.CONFLICT, "the same command with --update to change it")
    return cluster.merge_service(name, {"spec": wanted["spec"]}), "updated"


def _preview(cluster: Cluster | None, wanted: Object, output: Format, *, update: bool) -> None:
    """Prints what would be applied, after the API server has checked it when there is one."""
    name = wanted["metadata"]["name"]
    if cluster is None:
        card(wanted["spec"]["engine"])
    else:
        _check_by_server(cluster, wanted, update=update)
    data(wanted, Format.JSON if output is Format.JSON else Format.YAML)
    hint(f"the same command without --dry-run, or kubectl apply -f - with this on its input, makes {name}")


def _check_by_server(cluster: Cluster, wanted: Object, *, update: bool) -> None:
    name = wanted["metadata"]["name"]
    try:
        cluster.create_service(wanted, dry_run=True)
    except CliError as error:
        if error.code is ExitCode.USAGE:
            raise
        if error.code is not ExitCode.CONFLICT:
            card(wanted["spec"]["engine"])
            say(f"not checked by the API server: {error}")
        elif update:
            cluster.merge_service(name, {"spec": wanted["spec"]}, dry_run=True)
        else:
            say(f"{name} exists already; --update would change it")
