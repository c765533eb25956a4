"""A study's file: Python that ends in a :class:`Study`, read as Python reads a test."""

from __future__ import annotations

import sys
import traceback
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from obverse.engine.study import Study
from obverse.types import InputError


def load_study(path: Path) -> Study:
    """Execute a study's file and return the last study that it defines at its outermost level.

    The file finds modules that lie beside it.  What it defines lives in a module of its own, see
    :func:`module_name`.

    Raises:
        InputError: there is no such file, an error in it, or no study.
    """
    specification = spec_from_file_location(module_name(path), path)
    if not path.is_file() or specification is None or specification.loader is None:
        raise InputError(f"{path}: is no Python file; name one that defines a Study (obverse study list)")
    beside = str(path.resolve().parent)
    if beside not in sys.path:
        sys.path.append(beside)
    module = module_from_spec(specification)
    sys.modules[specification.name] = module  # where pickle and dataclasses look for what it defines
    try:
        specification.loader.exec_module(module)
    except (Exception, SystemExit) as problem:
        raise InputError(_told(path, str(specification.origin), problem)) from None
    studies = [value for value in vars(module).values() if isinstance(value, Study)]
    if not studies:
        raise InputError(f"{path}: defines no Study; end the file with STUDY = Study(...)")
    return studies[-1]


def small_form(study: Study) -> Study:
    """The study that runs with ``--small``, under a name of its own.

    Raises:
        InputError: it has none.
    """
    if study.small is None:
        raise InputError(f"study {study.name}: has no small form; leave out --small")
    return replace(study.small, name=f"{study.name}-small")


def module_name(path: Path) -> str:
    """Name of the module that a study's file becomes."""
    return f"obverse_study_{path.stem}"


def _told(path: Path, origin: str, problem: BaseException) -> str:
    """File, line, and what is wrong there; ``origin`` is the file's name in tracebacks."""
    if isinstance(problem, SyntaxError) and problem.filename == origin:
        return f"{path}:{problem.lineno}: {problem.msg}; mend the study's file"
    frames = traceback.extract_tb(problem.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == origin]
    place = f"{path}:{lines[-1]}" if lines else str(path)
    if isinstance(problem, InputError):
        return f"{place}: {problem}"
    said = " ".join(str(problem).split())
    return f"{place}: {type(problem).__name__}{': ' if said else ''}{said}; mend the study's file"
