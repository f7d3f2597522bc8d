"""MySQL's own programs, from Debian's packages, unpacked once into the cache and run by their own loader."""

import os
from functools import cache
from pathlib import Path

from devcluster.imaging import debian
from devcluster.imaging.stand_ins import MYSQL_PACKAGES

LIBRARIES = ("usr/lib/x86_64-linux-gnu", "usr/lib/mysql/private")
WRAPPER = """#!/bin/sh
# as an image has it: {program} with everything that belongs to it
{take}exec {root}/usr/lib64/ld-linux-x86-64.so.2 --library-path {libraries} {root}/{program} {more}"$@"
"""
PLACES = "--basedir={root}/usr --lc-messages-dir={root}/usr/share/mysql --plugin-dir={root}/usr/lib/mysql/plugin "


@cache
def folder() -> Path:
    """With `mysqld`, `mysql`, `mysqldump` and `mysqlbinlog` in it."""
    root = debian.unpacked(*MYSQL_PACKAGES, release=debian.UNSTABLE)
    programs = root / "moorage-programs"
    programs.mkdir(exist_ok=True)
    nobody = "--user=root " if os.geteuid() == 0 else ""
    places = PLACES.format(root=root)
    for name, program, take, more in (
        # its first argument says which files it reads, and has to stay the first
        ("mysqld", "usr/sbin/mysqld", 'first="$1"; shift; ', f'"$first" {nobody}{places}'),
        ("mysql", "usr/bin/mysql", "", ""),
        ("mysqldump", "usr/bin/mysqldump", "", ""),
        ("mysqlbinlog", "usr/bin/mysqlbinlog", "", ""),
    ):
        libraries = ":".join(str(root / folder) for folder in LIBRARIES)
        path = programs / name
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(WRAPPER.format(root=root, program=program, take=take, more=more, libraries=libraries))
        fresh.chmod(0o755)
        fresh.replace(path)
    return programs


def path() -> str:
    """PATH as an engine's image has it."""
    return os.pathsep.join([str(folder()), os.environ["PATH"]])
