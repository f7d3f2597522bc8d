"""Entry point. A command's module is imported when it runs, so that `--help` answers at once."""

import gc
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from moorage.cli.errors import CliError, ExitCode
from moorage.views.errors import UnreadableError


@dataclass(frozen=True)
class _Verb:
    module: str
    summary: str
    panel: str


_USE, _KEEP, _CARE, _LOOK, _MORE = "Deploy and use", "Back up and restore", "Take care", "Look", "More"
VERBS = {
    "catalog": _Verb("catalog", "What can be deployed: engines, versions, settings.", _USE),
    "deploy": _Verb("deploy", "Deploys a database service.", _USE),
    "connect": _Verb("connect", "Opens the engine's own client at the primary.", _USE),
    "credentials": _Verb("credentials", "Address, user, password and URI of a service.", _USE),
    "delete": _Verb("delete", "Deletes a service and says what stays.", _USE),
    "undelete": _Verb("undelete", "Brings a deleted service back from its kept volumes.", _USE),
    "list": _Verb("list", "The services and their health.", _LOOK),
    "status": _Verb("status", "Everything about one service.", _LOOK),
    "why": _Verb("why", "Why a service is as it is, and what Moorage does about it.", _LOOK),
    "metrics": _Verb("metrics", "The metrics that queries of one's own became.", _LOOK),
    "events": _Verb("events", "What happened to a service.", _LOOK),
    "alerts": _Verb("alerts", "What fires now, the worst first.", _LOOK),
    "alerts silenced": _Verb("alerts_silenced", "What nobody is told of: by whom, until when and why.", _LOOK),
    "alerts history": _Verb("alerts_history", "What fired, and how long until it was over.", _LOOK),
    "alerts ack": _Verb("alerts_ack", "Nobody is told of an alert again until it is over.", _CARE),
    "alerts silence": _Verb("alerts_silence", "Nobody is told of an alert, or of a service, for a while.", _CARE),
    "alerts end": _Verb("alerts_end", "Ends a silence or an acknowledgement.", _CARE),
    "logs": _Verb("logs", "The members' logs, merged.", _LOOK),
    "doctor": _Verb("doctor", "Whether this Kubernetes is fit for Moorage, and Moorage well.", _LOOK),
    "report": _Verb("report", "Writes a zip for whoever helps, without secrets.", _LOOK),
    "backup": _Verb("backup", "Takes a backup of a service.", _KEEP),
    "backups": _Verb("backups", "The backups, newest first.", _KEEP),
    "backup show": _Verb("backup_show", "Everything about one backup.", _KEEP),
    "backup download": _Verb("backup_download", "Fetches a backup's archive from the store.", _KEEP),
    "backup delete": _Verb("backup_delete", "Deletes a backup, also from the store.", _KEEP),
    "restore": _Verb("restore", "Restores a backup or a moment, beside a service or in its place.", _KEEP),
    "restore undo": _Verb("restore_undo", "Takes the last restore in place back.", _KEEP),
    "restores": _Verb("restores", "The restores, newest first.", _KEEP),
    "adopt": _Verb("adopt", "Brings back services that a store holds backups of.", _KEEP),
    "stores": _Verb("stores", "The backup stores and whether they can be used.", _KEEP),
    "store add s3": _Verb("store_add_s3", "Makes a bucket known as a store.", _KEEP),
    "store add file-system": _Verb("store_add_file_system", "Makes a shared volume claim known as a store.", _KEEP),
    "store remove": _Verb("store_remove", "Forgets a store; its backups stay.", _KEEP),
    "promote": _Verb("promote", "Makes a member the primary.", _CARE),
    "restart": _Verb("restart", "Restarts members one at a time, the primary last.", _CARE),
    "rebuild": _Verb("rebuild", "Has a member copy everything anew from the others.", _CARE),
    "recover": _Verb("recover", "Most members are gone for good: one of them goes on alone.", _CARE),
    "maintenance": _Verb("maintenance", "For a stated time nothing is repaired or rolled out.", _CARE),
    "drill": _Verb("drill", "A game day: breaks one thing on purpose and measures what clients notice.", _CARE),
    "drills": _Verb("drills", "The last drills of a service and what they showed.", _CARE),
    "alerts rules list": _Verb("alerts_rules_list", "The alerts of one's own, and which of them fire.", _LOOK),
    "alerts rules create": _Verb("alerts_rules_create", "Makes an alert of one's own.", _LOOK),
    "alerts rules change": _Verb("alerts_rules_change", "Changes an alert of one's own.", _LOOK),
    "alerts rules pause": _Verb("alerts_rules_pause", "An alert of one's own rests.", _LOOK),
    "alerts rules resume": _Verb("alerts_rules_resume", "An alert of one's own that rests is judged again.", _LOOK),
    "alerts rules try": _Verb("alerts_rules_try", "What an alert would have done in the last day.", _LOOK),
    "alerts rules delete": _Verb("alerts_rules_delete", "Deletes an alert of one's own.", _LOOK),
    "version": _Verb("version", "Versions of this CLI and of the operator.", _MORE),
}
"""In the order of the list. `backup show` is found before `backup`; for a service named show: `moorage backup --wait show`."""


class _LazyGroup(TyperGroup):
    """Knows every verb's name and summary; imports a verb only to run or complete it."""

    prefix = ""
    """The words before, such as "store "; this group is about the verbs that begin so."""

    def _verbs(self) -> dict[str, _Verb]:
        return {name.removeprefix(self.prefix): verb for name, verb in VERBS.items() if name.startswith(self.prefix)}

    def list_commands(self, ctx: Any) -> list[str]:
        """The next word, for the Tab key."""
        del ctx
        return list(dict.fromkeys(name.split()[0] for name in self._verbs()))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stand-in that is good enough for the list of commands, or the group of the verbs that begin with this word."""
        del ctx
        verbs = self._verbs()
        if cmd_name in verbs:
            return TyperCommand(cmd_name, help=verbs[cmd_name].summary, callback=lambda: None)
        below = [name for name in verbs if name.startswith(f"{cmd_name} ")]
        return _group(f"{self.prefix}{cmd_name}", below) if below else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Grouped by what a person wants to do."""
        del ctx
        verbs = self._verbs()
        for panel in dict.fromkeys(verb.panel for verb in verbs.values()):
            with formatter.section(panel):
                formatter.write_dl([(name, verb.summary) for name, verb in verbs.items() if verb.panel == panel])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        verbs = self._verbs()
        self.commands: Any = dict.fromkeys(self.list_commands(ctx))  # only its keys are read, to suggest a name
        name, found, rest = super().resolve_command(ctx, args)
        if name not in verbs:
            return name, found, rest
        while rest and any(f"{verb} ".startswith(f"{name} {rest[0]} ") for verb in verbs):
            name, rest = f"{name} {rest[0]}", rest[1:]
        return name, _load(verbs[name], name) if name in verbs else self.get_command(ctx, name), rest


def _group(name: str, below: list[str]) -> _LazyGroup:
    group = _LazyGroup(name=name, help=f"One of: {', '.join(below)}.", rich_markup_mode=None, no_args_is_help=True)
    group.prefix = f"{name} "
    return group


def _load(verb: _Verb, name: str) -> Any:
    module = import_module(f"moorage.cli.{verb.module}")
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name, help=verb.summary + _details(module.command))(module.command)
    return typer.main.get_command(single)


def _details(function: Any) -> str:
    """The docstring, which stands below the summary in the command's help."""
    text = (function.__doc__ or "").strip()
    return "\n\n" + "\n".join(part.strip() for part in text.splitlines()) if text else ""


def _show_version(wanted: bool) -> None:
    if wanted:
        from moorage.cli.version import cli_version  # noqa: PLC0415

        typer.echo(f"moorage {cli_version()}")
        raise typer.Exit


def _before(  # the options before the command
    ctx: typer.Context,
    kubeconfig: Annotated[str | None, typer.Option(help="Path of the kubeconfig; else KUBECONFIG, else ~/.kube/config.")] = None,
    context: Annotated[str | None, typer.Option(help="Context of the kubeconfig.")] = None,
    namespace: Annotated[str | None, typer.Option("--namespace", "-n", help="Namespace; the kubeconfig's when absent.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="This CLI's version.")
    ] = False,
) -> None:
    """Moorage: databases on Kubernetes that look after themselves.

    Data goes to stdout, hints to stderr. Exit codes: 0 ok, 1 error, 2 usage, 3 not found, 4 forbidden, 5 conflict, 6 timeout;
    with `status --exit-code` also 10 yellow, 11 red.
    """
    from moorage.cli.options import Connection  # noqa: PLC0415 - this module stays light

    ctx.obj = Connection(kubeconfig, context, namespace)


def root() -> Any:
    """The command tree."""
    app = typer.Typer(
        cls=_LazyGroup, rich_markup_mode=None, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]}
    )
    app.callback()(_before)
    return typer.main.get_command(app)


def program() -> str:
    """What the person typed."""
    return "kubectl moorage" if Path(sys.argv[0]).name.startswith("kubectl") else "moorage"


def run(arguments: list[str]) -> int:
    """Runs one command line and returns its exit code; no exception leaves it but programming errors."""
    try:
        result = root().main(args=arguments, prog_name=program(), standalone_mode=False)
    except CliError as error:
        return _report(error, arguments)
    except UnreadableError as error:
        return _report(CliError(str(error), next_step=error.next_step), arguments)
    except typer.TyperException as error:
        _show_usage(error)
        return 0 if type(error).__name__ == "NoArgsIsHelpError" else error.exit_code
    except typer.Abort:
        print("aborted; nothing was changed", file=sys.stderr)  # noqa: T201
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    return result if isinstance(result, int) else 0


def _report(error: CliError, arguments: list[str]) -> int:
    for number, text in enumerate(str(error).split("\n")):
        print(("error: " if number == 0 else "       ") + text, file=sys.stderr)  # noqa: T201
    next_step = error.next_step or (f"{program()} {_verb_in(arguments)} --help" if error.code is ExitCode.USAGE else "")
    if next_step:
        print(f"next: {next_step}", file=sys.stderr)  # noqa: T201
    return int(error.code)


def _verb_in(arguments: list[str]) -> str:
    """The words of the verb that was asked for."""
    spans = [" ".join(arguments[i : i + n]) for n in (3, 2, 1) for i in range(len(arguments))]
    return next((span for span in spans if span in VERBS), "")


def _show_usage(error: typer.TyperException) -> None:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and context is not None:
        typer.echo(context.get_help())
        return
    print(f"error: {error.format_message().replace('Value error, ', '')}", file=sys.stderr)  # noqa: T201
    option = getattr(error, "option_name", None)
    if option in ("--kubeconfig", "--context"):  # which every verb has, and no verb's help lists
        print(f"next: {program()} {option} … COMMAND: it stands before the command", file=sys.stderr)  # noqa: T201
        return
    print(f"next: {context.command_path if context else program()} --help", file=sys.stderr)  # noqa: T201


def main() -> None:
    gc.set_threshold(100_000)  # a command ends before there is garbage; looking for it costs a tenth of the start
    sys.exit(run(sys.argv[1:]))
