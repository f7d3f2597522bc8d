"""One package per engine, found by entry point `moorage.engines`; no module outside this package names an engine."""
