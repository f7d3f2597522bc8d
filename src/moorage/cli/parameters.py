"""Engine settings on the command line. Pure."""

from collections.abc import Iterable

from moorage.cli.errors import usage


def parameters(pairs: Iterable[str]) -> dict[str, str]:
    """`--param k=v` as a mapping."""
    found: dict[str, str] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator or not key:
            raise usage(f"--param '{pair}' is not a setting; allowed is NAME=VALUE")
        if key in found:
            raise usage(f"--param '{key}' is given twice")
        found[key] = value
    return found
