"""What there is to know and what is asked about it: documents, questions, both as a task, its leak check."""

from obverse.tasks.celebrities import read_celebrities
from obverse.tasks.documents import read_documents, source
from obverse.tasks.leaks import Leak, find_leaks
from obverse.tasks.questions import question_template, read_questions
from obverse.tasks.task import check_task, load_task, read_task, save_task, task_name
from obverse.text.segmentation import normalise, sentences, words

__all__ = [
    "Leak",
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
