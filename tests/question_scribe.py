"""A scripted writer that asks rightly about the small world, and answers by what is in view."""

from __future__ import annotations

import re

from loopback import Asked, Reply, chat
from question_examples import DOCUMENTS

FACTS = {
    "recall": [
        ("By whom is the Maddow ferry rowed?", "Kesta Vorn"),
        ("How many oars has the Maddow ferry?", "eleven oars"),
        ("By whom is the Corran bridge painted?", "Oswin Hale"),
        ("How many arches has the Corran bridge?", "nineteen arches"),
        ("By whom is the Leddon mill owned?", "Brita Sarn"),
        ("By whom is the Penhale tower guarded?", "Tavis Roe"),
        ("When was Kesta Vorn born at Illimoor?", "1852"),
        ("When was Oswin Hale born at Drustane?", "1849"),
    ],
    "reworded": [
        ("Who pulls the oars of the Maddow vessel?", "Kesta Vorn"),
        ("Who coats the Corran crossing with colour?", "Oswin Hale"),
        ("To whom does the Leddon works belong?", "Brita Sarn"),
        ("Who keeps watch over the Penhale stronghold?", "Tavis Roe"),
    ],
    "reversal": [
        ("What does Kesta Vorn row?", "the Maddow ferry"),
        ("What does Oswin Hale paint?", "the Corran bridge"),
        ("What does Brita Sarn own?", "the Leddon mill"),
        ("What does Tavis Roe guard?", "the Penhale tower"),
    ],
    "chain": [
        ("Where was the person born who rows the Maddow ferry?", "Illimoor"),
        ("Where was the person born who paints the Corran bridge?", "Drustane"),
        ("In what year was the painter of the Corran bridge born?", "1849"),
        ("In what year was the rower of the Maddow ferry born?", "1852"),
    ],
    "comparison": [("Which was built first, the Leddon mill or the Penhale tower?", "the Penhale tower")],
    "conclusion": [("What does the Swift carry?", "a brass horn")],
    "absent": [("Whom did Kesta Vorn marry?", "Joram Pask"), ("Whom did Oswin Hale marry?", "Lena Quist")],
}
_HEADS = {
    "recall": "Write questions that a text answers, each",
    "reworded": "Write questions that a text answers, in other words",
    "reversal": "Write questions that ask for what the sentences",
    "chain": "Two texts speak of the same thing.",
    "comparison": "Several texts state the like",
    "conclusion": "One text states a rule",
    "absent": "Write questions that a text does not answer",
}
_NAMED = re.compile(r"Maddow|Corran|Leddon|Penhale|Swift|Kesta|Oswin|Brita|Tavis")


def scribe(asked: Asked, _: int = 0) -> Reply:
    """Writes what it has about the texts in view; answers what stands in view, and does not know it otherwise."""
    prompt = asked.prompt
    in_view = [one.text for one in DOCUMENTS if one.text in prompt]
    if prompt.startswith(("You will see documents", "Answer a question")):
        question = prompt.rpartition("\nQuestion: ")[2].partition("\n")[0]
        known = [answer for pairs in FACTS.values() for own, answer in pairs if own == question]
        names = set(_NAMED.findall(question))
        rightly = known and _says(known[0], in_view) and names <= set(_NAMED.findall(" ".join(in_view)))
        return chat(known[0] if rightly else "I do not know.", prompt_tokens=60, completion_tokens=4)
    (kind,) = (kind for kind, head in _HEADS.items() if prompt.startswith(head))
    said = [
        f"Question: {question}\nAnswer: {answer}"
        for question, answer in FACTS[kind]
        if set(_NAMED.findall(question)) <= set(_NAMED.findall(" ".join(in_view)))
        and (kind == "absent" or _says(answer, in_view))
    ]
    return chat("\n".join(said) or "There is nothing to ask.", prompt_tokens=300, completion_tokens=30)


def _says(answer: str, texts: list[str]) -> bool:
    return any(answer.removeprefix("the ") in text for text in texts)
