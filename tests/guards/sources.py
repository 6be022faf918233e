"""The repository as the guards see it."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SRC = ROOT / "src/resmi"


@cache
def tracked() -> tuple[Path, ...]:
    """Every file git knows, or would take, that is still there."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return tuple(ROOT / name for name in sorted(listed.split("\0")) if (ROOT / name).is_file())


@cache
def modules() -> tuple[Path, ...]:
    """The product's Python files, without generated migrations."""
    return tuple(
        path
        for path in tracked()
        if path.suffix == ".py" and path.is_relative_to(SRC) and "migrations" not in path.parts
    )


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


@cache
def templates() -> tuple[Path, ...]:
    """The product's HTML templates."""
    return tuple(
        path
        for path in tracked()
        if path.suffix == ".html" and path.is_relative_to(SRC) and "templates" in path.parts
    )


def name(path: Path) -> str:
    """How a file is called in messages: its path in the repository."""
    return path.relative_to(ROOT).as_posix()
