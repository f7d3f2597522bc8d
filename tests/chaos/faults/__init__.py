"""Every fault that can be tried: one small file for each kind, found by being here."""

import importlib
import pkgutil

from tests.chaos.faults.fault import Fault

__all__ = ["Fault", "all_faults", "find"]


def all_faults() -> dict[str, Fault]:
    """By name, in the order of their files."""
    found: dict[str, Fault] = {}
    for module in pkgutil.iter_modules(__path__):
        for fault in getattr(importlib.import_module(f"{__name__}.{module.name}"), "FAULTS", ()):
            assert fault.name not in found, f"two faults are called {fault.name}"
            found[fault.name] = fault
    return found


def find(label: str) -> tuple[Fault, str]:
    """`crash:primary` → the fault and its target word. Raises SystemExit with what there is."""
    known = all_faults()
    name, _, target = label.partition(":")
    if name not in known:
        raise SystemExit(f"there is no fault {name!r}; there are: {', '.join(sorted(known))}")
    fault = known[name]
    if (target or fault.targets[0]) not in fault.targets:
        raise SystemExit(f"{name} takes {', '.join(fault.targets)}, not {target!r}")
    return fault, target or fault.targets[0]
