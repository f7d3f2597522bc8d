"""What the documents name exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("charts/*/*.md")])
TESTS = "\n".join(path.read_text() for path in ROOT.glob("tests/**/test_*.py"))
FOLDERS = ("src/", "tests/", "devcluster/", "charts/", "docs/", "tools/", "images/", "deploy/", "benchmarks/")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text()
    named = [name for name in re.findall(r"`([\w./-]+)`", text) if name.startswith(FOLDERS)]
    missing = [name for name in named if not (ROOT / name).exists()]
    links = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    missing += [target for target in links if not (document.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_test_that_a_document_names_exists(document: Path) -> None:
    named = set(re.findall(r"`(test_\w+)`", document.read_text()))
    assert {name for name in named if f"def {name}(" not in TESTS} == set()
