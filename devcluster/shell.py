"""Running other programs: the output when it went well, one readable error when it did not."""

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path


class CommandError(RuntimeError):
    """A program ended with an error; the message holds the command and the end of what it said."""


def run(*command: str | Path, stdin: str | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run a program and return what it printed."""
    words = [str(word) for word in command]
    done = subprocess.run(words, input=stdin, env=env, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-3000:]
        raise CommandError(f"`{' '.join(words)[:400]}` ended with {done.returncode}: {said}")
    return done.stdout


def fetch(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run a program that loads things from the network: one failure is no failure, what it has loaded it does not load again."""
    for pause_seconds in (2, 10, 30):
        try:
            return run(*command, env=env, cwd=cwd)
        except CommandError:
            time.sleep(pause_seconds)
    return run(*command, env=env, cwd=cwd)


def succeeds(*command: str | Path) -> bool:
    """Whether a program ends well; what it prints does not matter."""
    return subprocess.run([str(word) for word in command], capture_output=True, check=False).returncode == 0
