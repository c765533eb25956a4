"""A fingerprint of the code that decides a result, so that no answer of another program is taken for this one's.

It is the hash of the syntax trees of a module, of every module of this package that it imports, at its head or within a
function, and of the data files beside these; and the versions of the libraries that they compute with.  Comments,
docstrings and line breaks are not part of a syntax tree, so they may change.  What only judges or shows results, which
is done anew each time, is left out.
"""

from __future__ import annotations

import ast
import gc
import hashlib
import inspect
import marshal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

CODE = "code"
"""The name of the hash among what is given; the others are those of libraries."""

_PACKAGE = "obverse"
_HERE = Path(__file__).parent
# What reads results and decides none.
_WITHOUT_EFFECT = (
    "obverse.cli",
    "obverse.reports",
    "obverse.exports",
    "obverse.runs.environment",
    "obverse.judging.remarks",
    "obverse.runs.progress",
    "obverse.engine.result",
    "obverse.judging.stated",
    "obverse.judging.summary",
)
_DATA = (".txt", ".toml", ".jsonl")
# Another version of these may compute something else; each with what does part of its work.
_LIBRARIES = {
    "torch": ("torch",),
    "transformers": ("transformers", "tokenizers"),
    "peft": ("peft",),
    "lancedb": ("lancedb",),
    "numpy": ("numpy",),
}


@dataclass(frozen=True)
class _Source:
    """A file's syntax tree by its hash, and the names of the modules that it imports."""

    digest: str
    imported: frozenset[str]


def code_fingerprint(*roots: str, package: Path = _HERE) -> dict[str, str]:
    """What decides the results of these modules: the hash of their ``code``, and the version of each library.

    Args:
        roots: names of modules, such as ``obverse.training.finetuning``.
        package: folder of the package, where it is not this one.
    """
    return dict(_fingerprint(roots, package))


def code_of(*kinds: Callable[..., object]) -> dict[str, str]:
    """The same for classes and functions: of their modules, or of those parts of the user's files that make them up."""
    ours = sorted({kind.__module__ for kind in kinds if _is_ours(kind.__module__)})
    found = [_fingerprint(tuple(ours), _HERE)]
    found += [_class_fingerprint(kind) for kind in kinds if not _is_ours(kind.__module__)]
    return dict(sorted(library for one in found for library in one[1:])) | {
        CODE: _hash(sorted(one[0][1] for one in found))
    }


def modules(roots: Iterable[str], package: Path = _HERE) -> tuple[str, ...]:
    """Names of all modules of the package whose code decides the results of these, sorted."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        path = _path(name, package)
        if path is None or name in found or _has_no_effect(name):
            continue
        found.add(name)
        waiting += [name.rpartition(".")[0], *_read(path, name).imported]
    return tuple(sorted(found))


@cache
def _fingerprint(roots: tuple[str, ...], package: Path) -> tuple[tuple[str, str], ...]:
    with _without_collecting():
        found = modules(roots, package)
        sources = {name: path for name in found if (path := _path(name, package))}
        parts = [f"{name} {_read(path, name).digest}" for name, path in sources.items()]
        parts += [
            f"{file.relative_to(package).as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}"
            for file in _data_files({path.parent for path in sources.values()})
        ]
        imported = {other for name, path in sources.items() for other in _read(path, name).imported}
    return ((CODE, _hash(parts)), *_versions(imported))


@cache
def _class_fingerprint(kind: Callable[..., object]) -> tuple[tuple[str, str], ...]:
    """Of the definitions in its file that the class is made of, and of what they import."""
    try:
        path = Path(inspect.getfile(kind))
        tree = ast.parse(path.read_bytes())
    except (OSError, TypeError, SyntaxError):  # typed into a session
        own = (kind, *vars(kind).values())
        methods = [part.__code__ for part in own if hasattr(part, "__code__")]
        return ((CODE, _hash([kind.__qualname__, *(repr(marshal.dumps(one)) for one in methods)])),)
    with _without_collecting():
        used = _used(tree, kind.__qualname__.partition(".")[0])
        wanted = ast.Module([statement for statement in tree.body if statement in used], [])
        parts, imported = [_digest(wanted)], _imports(wanted, kind.__module__)
        # Modules of the user's that lie beside it, and those that these import.
        waiting, seen = [*imported], set[str]()
        while waiting:
            name = waiting.pop()
            beside = None if name in seen else _path(name, path.parent, "")
            seen.add(name)
            if beside is not None:
                source = _read(beside, name)
                parts.append(f"{name} {source.digest}")
                imported |= source.imported
                waiting += source.imported
    (_, code), *versions = _fingerprint(tuple(sorted(filter(_is_ours, imported))), _HERE)
    return ((CODE, _hash([*sorted(parts), code])), *sorted({*versions, *_versions(imported)}))


def _used(tree: ast.Module, name: str) -> set[ast.stmt]:
    """The statements of a module that a definition in it rests on, itself among them."""
    definitions: dict[str, list[ast.stmt]] = {}
    for statement in tree.body:
        for defined in _defined(statement):
            definitions.setdefault(defined, []).append(statement)
    used: set[ast.stmt] = set()
    waiting = [name]
    while waiting:
        for statement in definitions.pop(waiting.pop(), ()):
            if statement not in used:
                used.add(statement)
                waiting += [node.id for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return used


def _defined(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement at the outermost level gives something to."""
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0]


@cache
def _read(path: Path, name: str) -> _Source:
    tree = ast.parse(path.read_bytes())
    return _Source(
        _digest(tree), frozenset(_imports(tree, name if path.name != "__init__.py" else f"{name}."))
    )


def _imports(tree: ast.AST, name: str) -> set[str]:
    """Names of the modules that may be imported there, but for type checkers alone."""
    found: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(name.split(".")[: -node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            found.add(module)
            found.update(f"{module}.{alias.name}" for alias in node.names)  # which may be modules
        waiting += ast.iter_child_nodes(node)
    return found


def _digest(tree: ast.AST) -> str:
    parts: list[str] = []
    _describe(tree, parts)
    return _hash(parts)


def _describe(node: ast.AST, parts: list[str]) -> None:
    """Types and values of a tree, without places, docstrings and fields that are empty, as some are by the version."""
    parts.append(type(node).__name__)
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            for entry in value:
                if not isinstance(entry, ast.AST):
                    parts.append(f"{field}={entry!r}")
                elif not (isinstance(entry, ast.Expr) and _is_text(entry.value)):
                    parts.append(field)
                    _describe(entry, parts)
        elif isinstance(value, ast.AST):
            parts.append(field)
            _describe(value, parts)
        elif value is not None:
            parts.append(f"{field}={value!r}")
    parts.append(".")


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _path(name: str, folder: Path, package: str = _PACKAGE) -> Path | None:
    """The file of a module of the package, or nothing where it is none."""
    first, *rest = name.split(".")
    if package and first != package:
        return None
    place = folder.joinpath(*(rest if package else [first, *rest]))
    if (file := place.with_name(f"{place.name}.py")).is_file() and (rest or not package):
        return file
    return file if (file := place / "__init__.py").is_file() else None


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == _PACKAGE


def _has_no_effect(name: str) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in _WITHOUT_EFFECT)


def _data_files(folders: Iterable[Path]) -> list[Path]:
    """What lies beside modules, and in folders there that are no packages."""
    found: set[Path] = set()
    for folder in folders:
        plain = [
            child for child in folder.iterdir() if child.is_dir() and not (child / "__init__.py").exists()
        ]
        for place in [folder, *plain]:
            found.update(file for file in place.iterdir() if file.suffix in _DATA)
    return sorted(found)


def _versions(imported: Iterable[str]) -> list[tuple[str, str]]:
    first = {name.partition(".")[0] for name in imported}
    return [
        (name, _version(name)) for library, names in _LIBRARIES.items() if library in first for name in names
    ]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # an extra that is not installed computes nothing
        return "none"


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Syntax trees are many objects and no cycles: looking for cycles among them takes most of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
