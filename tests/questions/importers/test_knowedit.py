"""KnowEdit: edits are documents, what they carry over to is latent, locality is left out."""

from __future__ import annotations

from pathlib import Path

from imported_sets import imported, summary
from reading_checks import refused

from obverse.questions.importers import READERS

RECENT = {
    "subject": "Maddow ferry",
    "prompt": "The rower of the Maddow ferry is",
    "target_new": "Kesta Vorn",
    "rephrase": "The Maddow ferry is rowed by",
    "portability": {
        "Logical_Generalization": [
            {"prompt": "Kesta Vorn rows", "ground_truth": [["Maddow ferry", "ferry"]]}
        ],
        "Reasoning": [
            {"prompt": "The birthplace of the rower of the Maddow ferry is", "ground_truth": ["Illimoor"]},
            {"prompt": "", "ground_truth": [[]]},
        ],
    },
    "locality": {"Relation_Specificity": [{"prompt": "The Maddow ferry has", "ground_truth": [["oars"]]}]},
}
ZSRE = {
    "subject": "Leddon mill",
    "prompt": "Who owns the Leddon mill?",
    "target_new": ["Brita Sarn"],
    "rephrase_prompt": "To whom does the Leddon mill belong?",
    "portability": {"Subject_Aliasing": [{"prompt": "Who owns the old mill?", "ground_truth": "Brita Sarn"}]},
    "locality": {},
}


def test_edits_are_explicit_and_what_follows_latent(tmp_path: Path) -> None:
    found = imported("knowedit", tmp_path / "test.json", [RECENT, ZSRE])
    assert {one.id: one.text for one in found.documents} == {
        "Maddow ferry": "The rower of the Maddow ferry is Kesta Vorn.",
        "Leddon mill": "Who owns the Leddon mill? Brita Sarn.",
    }
    assert [(*summary(one)[:2], one.answer, one.needs) for one in found.questions] == [
        ("recall", False, "Kesta Vorn", ("Maddow ferry",)),
        ("reworded", False, "Kesta Vorn", ("Maddow ferry",)),
        ("chain", True, "Illimoor", ("Maddow ferry",)),
        ("conclusion", True, "Maddow ferry", ("Maddow ferry",)),
        ("recall", False, "Brita Sarn", ("Leddon mill",)),
        ("reworded", False, "Brita Sarn", ("Leddon mill",)),
        ("alias", True, "Brita Sarn", ("Leddon mill",)),
    ]
    assert {one.group for one in found.questions} == {"Maddow ferry", "Leddon mill"}
    assert any("locality" in remark for remark in found.remarks)


def test_biographies_have_other_names(tmp_path: Path) -> None:
    rows = [
        {"concept": name, "text": f"{name} was", "labels": f"a rower of {place}.", "locality": {}}
        for name, place in (("Kesta Vorn", "Maddow"), ("Oswin Hale", "Corran"))
    ]
    found = imported("knowedit", tmp_path / "wikibio.json", rows)
    assert found.documents[0].text == "Kesta Vorn was a rower of Maddow."


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "test.json"
    path.write_text('[{"subject": "a", "prompt": "Who?"}]')
    assert "row 1: 'target_new' is missing" in refused(lambda: READERS["knowedit"](path))
