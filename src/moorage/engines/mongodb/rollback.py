"""What mongod keeps of writes that it took back: BSON files in a folder of its data folder, until somebody removes them."""

from pathlib import Path

FOLDER = "rollback"


def sizes_of(data: Path) -> list[int]:
    """Of its files, in bytes."""
    try:
        return [file.stat().st_size for file in (data / FOLDER).rglob("*.bson")]
    except OSError:
        return []  # somebody removes them right now


def what_was_taken_back(data: Path) -> str:
    """As a sentence about the member, without its name; empty when nothing is kept."""
    sizes = sizes_of(data)
    if not sizes:
        return ""
    files = "1 file" if len(sizes) == 1 else f"{len(sizes)} files"
    kept = f"keeps them in {files} ({-(-sum(sizes) // 1024)} KiB) in {FOLDER}/ of its volume"
    return f"took back writes that no majority had, and {kept}: look at them, then remove that folder"
