"""The snippets that the console shows, filled in as its pages do (`web/src/text/snippets.ts`) and run as their first lines say.

Drivers are fetched once, into the cache, at the versions below: what a snippet names and what is tried are the same package.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from devcluster.binaries import toolchain
from devcluster.config import CACHE, CHECKOUT
from devcluster.python_tools import uv
from devcluster.shell import fetch

FOLDER = CHECKOUT / "web/src/snippets"
VERSIONS = {
    "pymongo": "4.20.0",
    "sqlalchemy": "2.1.9",
    "pymysql": "1.2.4",
    "cryptography": "50.0.2",
    "mongodb": "7.9.0",
    "mongosh": "2.12.0",
    "mysql2": "3.24.6",
    "org.mongodb:mongodb-driver-sync": "5.14.0",
    "com.mysql:mysql-connector-j": "9.7.0",
    "go.mongodb.org/mongo-driver/v2": "v2.10.0",
    "github.com/go-sql-driver/mysql": "v1.10.1",
}
RUN_SECONDS = 240.0
"""Go and Java compile first, on a machine that does other things, too."""


def languages(engine: str) -> list[str]:
    return sorted(path.stem for path in (FOLDER / engine).iterdir())


def filled(engine: str, language: str, entries: Mapping[str, str]) -> str:
    """The snippet with the entries of a service's Secret in the places that are named after them."""
    (path,) = (FOLDER / engine).glob(f"{language}.*")
    if language == "shell":
        return re.sub(r"'\$([\w-]+)'", lambda found: shlex.quote(entries[found[1]]), path.read_text())
    return re.sub(r'"\$([\w-]+)"', lambda found: json.dumps(entries[found[1]]), path.read_text())


def can_run(language: str) -> bool:
    """Whether this machine has its programs; shell, Python and Go are always there."""
    return all(shutil.which(program) for program in {"java": ("java", "mvn"), "node": ("node", "npm")}.get(language, ()))


def output(language: str, text: str, folder: Path) -> str:
    """What it prints."""
    run = {"shell": _shell, "python": _python, "java": _java, "go": _go, "node": _node}[language]
    return run(text, _needs(text), folder)


def _needs(text: str) -> list[str]:
    """What its first line says that has to be installed, each at the version of our trials."""
    first = text.partition("\n")[0]
    found = re.fullmatch(r"(?:# pip install|// npm install|// go get|//) (.+)", first)
    return found[1].split() if found else []


def _said(command: list[str | Path], folder: Path, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False, timeout=RUN_SECONDS
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _kept(language: str, needs: list[str]) -> tuple[Path, bool]:
    """The folder of these packages at these versions, and whether they are in it already."""
    wanted = "+".join(f"{need}-{VERSIONS[need]}".replace("/", "_").replace(":", "_") for need in needs)
    folder = CACHE / "snippets" / f"{language}-{wanted}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder, (folder / "done").exists()


def _shell(text: str, needs: list[str], folder: Path) -> str:
    del needs
    path = os.environ["PATH"]  # of the engine's own programs, as its tests have it
    if text.startswith("mongosh "):
        path = os.pathsep.join([str(_npm(["mongosh"]) / "node_modules/.bin"), path])
    return _said(["sh", "-euc", text], folder, {"PATH": path})


def _python(text: str, needs: list[str], folder: Path) -> str:
    kept, is_there = _kept("python", needs)
    if not is_there:
        packages = [f"{need}=={VERSIONS[need]}" for need in needs]
        fetch(uv(), "pip", "install", "-q", "--python", sys.executable, "--target", kept, *packages)
        (kept / "done").touch()
    (folder / "ask.py").write_text(text)
    return _said([sys.executable, "ask.py"], folder, {"PYTHONPATH": str(kept)})


def _npm(needs: list[str]) -> Path:
    kept, is_there = _kept("node", needs)
    if not is_there:
        fetch("npm", "install", "--no-audit", "--no-fund", "--prefix", kept, *(f"{need}@{VERSIONS[need]}" for need in needs))
        (kept / "done").touch()
    return kept


def _node(text: str, needs: list[str], folder: Path) -> str:
    (folder / "node_modules").symlink_to(_npm(needs) / "node_modules")
    (folder / "ask.mjs").write_text(text)
    return _said(["node", "ask.mjs"], folder)


def _go(text: str, needs: list[str], folder: Path) -> str:
    (folder / "ask.go").write_text(text)
    go, env = toolchain.go(), toolchain.environment()
    fetch(go, "mod", "init", "ask", cwd=folder, env=env)
    fetch(go, "get", *(f"{need}@{VERSIONS[need]}" for need in needs), cwd=folder, env=env)
    fetch(go, "mod", "tidy", cwd=folder, env=env)
    return _said([go, "run", "."], folder, env)


POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>ask</groupId><artifactId>ask</artifactId><version>1</version>
  <dependencies>{dependencies}</dependencies>
</project>
"""
DEPENDENCY = "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"


def _java(text: str, needs: list[str], folder: Path) -> str:
    kept, is_there = _kept("java", needs)
    if not is_there:
        dependencies = [DEPENDENCY.format(*need.split(":"), VERSIONS[need]) for need in needs]
        (kept / "pom.xml").write_text(POM.format(dependencies="".join(dependencies)))
        fetch("mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={kept}/jars", cwd=kept)
        (kept / "done").touch()
    (folder / "Ask.java").write_text(text)
    return _said(["java", "-cp", f"{kept}/jars/*", "Ask.java"], folder)
