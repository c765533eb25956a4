"""A finished run, read from its files alone: tables, page, and the taught model to ask."""

from __future__ import annotations

import html
import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.answering.asking import Asker
from obverse.files import is_disk_full
from obverse.judging import wording
from obverse.judging.summary import teaching_name
from obverse.learners.evaluation import index_folder
from obverse.models import load
from obverse.reports.pages import write_pages
from obverse.retrieval.contexts import Contexts
from obverse.routes import Said, Taught, route
from obverse.runs.run_folder import read_run_key
from obverse.tasks import load_task
from obverse.training.adapters import load_taught
from obverse.types import InputError

if TYPE_CHECKING:
    import pyarrow


class Result:
    """A finished comparison.  Tables are Arrow tables, which pandas and polars read.

    Where several models were compared, each has a result of its own in ``models``, with tables and answers.

    Args:
        folder: of the run.

    Raises:
        InputError: no finished run lies there.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        read_run_key(self.folder)
        try:
            self._results: dict[str, Any] = json.loads(
                (self.folder / "results.json").read_text(encoding="utf-8")
            )
        except FileNotFoundError:
            raise InputError(
                f"{self.folder}: this run is not finished; run the same obverse compare again"
            ) from None
        except ValueError:
            raise InputError(
                f"{self.folder / 'results.json'}: is broken; run the same obverse compare again"
            ) from None

    @property
    def results(self) -> dict[str, Any]:
        """All of ``results.json``."""
        return self._results

    @cached_property
    def models(self) -> dict[str, Result]:
        """The result of each model, by its name."""
        if "parts" not in self._results:
            return {self._results["model"]: self}
        return {
            part["results"]["model"]: Result(self.folder / "parts" / part["slug"])
            for part in self._results["parts"]
        }

    @property
    def recommendation(self) -> str:
        """One sentence: which route to take, or that the data do not decide."""
        return str(self._of_one_model["recommendation"]["sentence"])

    @property
    def page(self) -> Path:
        """The page, one self-contained HTML file."""
        return self.folder / "report.html"

    @property
    def estimates(self) -> pyarrow.Table:
        """A row for each route, kind and metric: mean, interval, chance."""
        return self._table("estimates")

    @property
    def differences(self) -> pyarrow.Table:
        """A row for each pair of routes and kind: difference, interval, verdict."""
        return self._table("differences")

    @property
    def costs(self) -> pyarrow.Table:
        """A row for each route and phase."""
        return self._table("costs")

    @property
    def diagnosis(self) -> pyarrow.Table:
        """How often each route failed for each cause."""
        return self._table("diagnosis")

    @cached_property
    def answers(self) -> pyarrow.Table:
        """A row for each question, route, control and seed."""
        import pyarrow.parquet

        return pyarrow.parquet.read_table(self.folder / "answers.parquet")

    def ask(self, question: str, route: str | None = None) -> Said:
        """Ask the taught model.

        Args:
            route: by which route; the recommended one where none is named, else the first that can be asked.

        Raises:
            InputError: the route was not part of the run, or cannot be asked.
        """
        return self.taught(route).ask(question)

    def taught(self, name: str | None = None) -> Taught:
        """The model as this route taught it, with its memory.

        Raises:
            InputError: the route was not part of the run.
        """
        ran = list(dict.fromkeys(row["route"] for row in self._of_one_model["costs"]))
        name = name or self._askable(ran)
        if name not in ran:
            raise InputError(f"{self.folder}: route {name!r} was not run; this run has {', '.join(ran)}")
        return self._taught[name] if name in self._taught else self._load(name)

    @cached_property
    def _taught(self) -> dict[str, Taught]:
        return {}

    def _load(self, name: str) -> Taught:
        settings = self._results["settings"]
        chosen, task = route(name), load_task(self.folder / "task")
        pretrained = load(
            settings["model"],
            practised=settings["practice"],
            dtype=settings["dtype"],
            device=settings["device"],
        )
        if self._results["decided_by"]["model weights"] != pretrained.fingerprint:
            raise InputError(
                f"{pretrained.name}: is not the model of this run any more, its files were changed; put back those "
                "that the run was made with, or compare again"
            )
        if chosen.parameters != "none":
            pretrained = load_taught(pretrained, self._taught_folder(name) / "model")
        self._taught[name] = Taught(
            chosen,
            Asker(pretrained),
            Contexts(task, index_folder(self._run / "taught", task.documents), settings["top_k"]),
        )
        return self._taught[name]

    def _taught_folder(self, name: str) -> Path:
        """Where the model lies that was taught for this route."""
        wanted = teaching_name(route(name))
        for row in self._results["taught"]:
            if (row["route"], row["seed"]) == (wanted, 0) and (self._run / row["folder"]).is_dir():
                return Path(self._run / row["folder"])
        raise InputError(
            f"{self.folder}: the model of route {name!r} does not lie there, as after a run on a cluster; ask another "
            "route with --route, or compare here with another --out"
        )

    @property
    def _run(self) -> Path:
        """The folder of the run: this one, or that whose part this is."""
        return self.folder.parent.parent if self.folder.parent.name == "parts" else self.folder

    @property
    def _of_one_model(self) -> dict[str, Any]:
        if "parts" in self._results:
            parts = ", ".join(str(self.folder / "parts" / part["slug"]) for part in self._results["parts"])
            raise InputError(f"{self.folder}: several models were compared there; name one of {parts}")
        return self._results

    def _askable(self, ran: list[str]) -> str:
        """The recommended route; an oracle cannot be asked, so then what comes nearest to it."""
        recommended = self._results["recommendation"]["route"]
        preference: list[str] = [recommended, "retrieve", "context", "finetune", *ran]
        return next((name for name in preference if name in ran and "oracle" not in name), ran[0])

    def _table(self, name: str) -> pyarrow.Table:
        import pyarrow

        return pyarrow.Table.from_pylist(self._of_one_model[name])

    def _repr_html_(self) -> str:
        """For notebooks: the accuracies, and the recommendation."""
        if "parts" in self._results:
            return "".join(
                f"<h3>{html.escape(name)}</h3>{result._repr_html_()}" for name, result in self.models.items()
            )
        rows = [row for row in self._results["estimates"] if row["metric"] == self._results["metric"]]
        names = list(dict.fromkeys(row["route"] for row in rows))
        kinds = list(dict.fromkeys((row["kind"], row["latent"]) for row in rows))
        cell = {
            (row["kind"], row["latent"], row["route"], row["control"]): wording.accuracy(row) for row in rows
        }

        def shown(kind: str, latent: bool | None, route: str) -> str:
            """The figure, and that with false context where there is one."""
            false = cell.get((kind, latent, route, True))
            return cell.get((kind, latent, route, False), "") + (f"<br>false {false}" if false else "")

        head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
        body = "".join(
            f"<tr><th>{html.escape(_kind(kind, latent))}</th>"
            + "".join(f"<td>{shown(kind, latent, name)}</td>" for name in names)
            + "</tr>"
            for kind, latent in kinds
        )
        return f"<p>{html.escape(self.recommendation)}</p><table><tr><th></th>{head}</tr>{body}</table>"

    def __repr__(self) -> str:
        said = "; ".join(result.recommendation for result in self.models.values())
        return f"Result({str(self.folder)!r}): {said}"


def _kind(kind: str, latent: bool | None) -> str:
    if kind != "*":
        return kind
    return {None: "all", True: "all latent", False: "all explicit"}[latent]


def rebuild_page(folder: Path, out: Path | None = None) -> Path:
    """Write the pages of a finished run again, from its files alone.

    Args:
        out: where to; ``None`` for the folder of the run.

    Raises:
        InputError: no finished run lies there; nothing can be written to ``out``.
    """
    try:
        return write_pages(Result(folder).folder, out)
    except FileNotFoundError as problem:
        raise InputError(
            f"{problem.filename or problem}: is missing; run the same obverse compare again"
        ) from None  # pyarrow gives the path as the message
    except OSError as problem:
        if is_disk_full(problem):
            raise
        raise InputError(
            f"{problem.filename or folder}: cannot be written ({problem.strerror}); name another folder with --out"
        ) from None
