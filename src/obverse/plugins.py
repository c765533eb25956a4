"""Parts of a user's own: retrievers, answerers, routes and tasks that the package does not know.

A part is named ``module:attribute``, where the module is installed or lies in the folder in which the program runs; or
by the name under which an installed package registers it as an entry point, in the group ``obverse.retrievers``,
``obverse.answerers``, ``obverse.routes`` or ``obverse.tasks``.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from inspect import isfunction, signature
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

from obverse.types import InputError

Kind = Literal["retriever", "answerer", "route", "task"]

_IDENTIFIERS = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_PATH = re.compile(f"{_IDENTIFIERS}:{_IDENTIFIERS}")
# Of a registered part: a route's name joins such names by + and :.
_NAME = re.compile(r"[^\W\d][\w.-]*")


def is_path(name: str) -> bool:
    """Whether a name has the form ``module:attribute``."""
    return _PATH.fullmatch(name) is not None


def is_name(name: str) -> bool:
    """Whether a part may be called so: by its path, or as packages register parts."""
    return is_path(name) or _NAME.fullmatch(name) is not None


def registered(kind: Kind) -> dict[str, EntryPoint]:
    """What installed packages register, by name; nothing is imported."""
    found = entry_points(group=f"obverse.{kind}s")
    return {point.name: point for point in found if _NAME.fullmatch(point.name)}


def load(kind: Kind, name: str, protocol: type | None = None) -> Any:
    """The part of that name: what the attribute is, or for a class or a function that takes nothing what it makes.

    Args:
        protocol: what the part has to follow; without one, the attribute has to be a function, which is returned as it
            is.

    Raises:
        InputError: there is no such part, it cannot be imported or made, or it does not follow the protocol.
    """
    what = f"{kind} {name!r}"
    points = registered(kind)
    if name not in points and not is_path(name):
        known = f" ({', '.join(points)})" if points else ""
        raise InputError(
            f"there is no {what}; name your own as module:attribute, or as an installed package registers it{known}"
        )
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    module, _, attribute = (points[name].value if name in points else name).partition(":")
    found = _tried(what, lambda: import_module(module))
    try:
        found = attrgetter(attribute.strip())(found)
    except AttributeError:
        raise InputError(
            f"{what}: the module {module} has no {attribute}; name one that it defines"
        ) from None
    if protocol is None:
        if not isfunction(found):
            hint = f"; a retriever is used as retrieve:{name}" if isinstance(found, type) else ""
            raise InputError(f"{what}: is a {type(found).__name__}; name a function{hint}")
        return found
    is_maker = isinstance(found, type) or (callable(found) and _missing(found, protocol))
    if is_maker and _takes_arguments(found):
        raise InputError(f"{what}: takes arguments; name a class or function that can be called without")
    made = _tried(what, found) if is_maker else found
    if missing := _missing(made, protocol):
        raise InputError(
            f"{what}: has no {', '.join(missing)}; a {kind} follows "
            f"{protocol.__module__}.{protocol.__qualname__}, see docs/guides/extending.md"
        )
    return made


def _missing(found: object, protocol: type) -> list[str]:
    """What the protocol names and the object lacks."""
    names = {*vars(protocol), *getattr(protocol, "__annotations__", ())}
    own = dir(found)
    return sorted(name for name in names if not name.startswith("_") and name not in own)


def _takes_arguments(make: Callable[..., Any]) -> bool:
    """Whether it cannot be called without arguments."""
    try:
        called = signature(make)
    except ValueError:  # written in C, without a signature
        return False
    try:
        called.bind()
    except TypeError:
        return True
    return False


def _tried(what: str, make: Callable[[], Any]) -> Any:
    """What a user's code gives.

    Raises:
        InputError: it fails; says where.
    """
    try:
        return make()
    except InputError:
        raise
    except (Exception, SystemExit) as problem:
        last = traceback.extract_tb(problem.__traceback__)[-1]
        place = f" ({last.filename}:{last.lineno})" if Path(last.filename).is_file() else ""
        said = " ".join(f"{type(problem).__name__}: {problem}".split())
        raise InputError(f"{what}: cannot be loaded: {said}{place}") from None
