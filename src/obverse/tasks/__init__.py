"""What there is to know and what is asked about it: documents, questions, both as a task, its leak check."""

from obverse.tasks.celebrities import read_celebrities
from obverse.tasks.documents import read_documents, source
from obverse.tasks.drawn import DrawnTask
from obverse.tasks.drawn.bilingual import Bilingual
from obverse.tasks.drawn.codebooks import Codebooks
from obverse.tasks.drawn.comparatives import Comparatives
from obverse.tasks.drawn.conflict import Conflict
from obverse.tasks.drawn.cooccurrence import Cooccurrence
from obverse.tasks.drawn.hierarchy import Hierarchy
from obverse.tasks.drawn.kinship import Kinship
from obverse.tasks.drawn.navigation import Navigation
from obverse.tasks.drawn.people import People
from obverse.tasks.drawn.simple_reversals import SimpleReversals
from obverse.tasks.drawn.syllogisms import Syllogisms
from obverse.tasks.leaks import Leak, find_leaks
from obverse.tasks.questions import question_template, read_questions
from obverse.tasks.task import check_task, load_task, read_task, save_task, task_name
from obverse.tasks.text import normalise, sentences, words

__all__ = [
    "Bilingual",
    "Codebooks",
    "Comparatives",
    "Conflict",
    "Cooccurrence",
    "DrawnTask",
    "Hierarchy",
    "Kinship",
    "Leak",
    "Navigation",
    "People",
    "SimpleReversals",
    "Syllogisms",
    "check_task",
    "find_leaks",
    "load_task",
    "normalise",
    "question_template",
    "read_celebrities",
    "read_documents",
    "read_questions",
    "read_task",
    "save_task",
    "sentences",
    "source",
    "task_name",
    "words",
]
