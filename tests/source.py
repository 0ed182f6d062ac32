"""What do the project's own source files say? Parsed once, for the tests of our conventions."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("api", "web", "jobs", "actions", "models", "care")


@dataclass(frozen=True)
class Source:
    """One Python file, named as in the repository."""

    name: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse((ROOT / self.name).read_text(encoding="utf-8"))

    @property
    def room(self) -> str:
        return self.name.split("/")[0]

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call with the dotted name of what is called."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), node

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def identifiers(self) -> Iterator[str]:
        """Every name this file gives to something: functions, classes, arguments, variables, attributes it sets."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield node.name
            elif isinstance(node, ast.arg):
                yield node.arg
            elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
                yield node.id if isinstance(node, ast.Name) else node.attr

    def mentions(self, name: str) -> Iterator[str]:
        """Every attribute read of what is called so: `Code` for Code.WRONG_STATUS gives WRONG_STATUS."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
                yield node.attr

    def imports(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.module or ""


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """The Python files of these rooms, and of wsgi.py and settings.py when none is named."""
    files = [file for folder in folders or ROOMS for file in sorted((ROOT / folder).rglob("*.py"))]
    if not folders:
        files += [ROOT / "wsgi.py", ROOT / "settings.py"]
    return tuple(Source(str(file.relative_to(ROOT))) for file in files)


def words(identifier: str) -> tuple[str, ...]:
    """`SupportPerson`, `support_person` and `SUPPORT_PERSON` all say support, person."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", identifier)
    return tuple(part.lower() for part in parts)
