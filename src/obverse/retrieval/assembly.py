"""What stands in the prompt when a question is asked: episodes, question, and the form the model expects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from obverse.models.control_tokens import ControlTokens
from obverse.retrieval.chat import ChatTemplate
from obverse.types import Document, Question

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PromptForm = Literal["chat", "plain"]

_SEPARATOR = "\n\n---\n\n"
_THINK = (
    "Say what you know that bears on it. Then give the answer alone, on a last line that begins with Answer:"
)
_DIRECT = "Answer with the answer alone."


class Assembler:
    """Puts episodes and question into the form that the model expects.

    A model with a chat template is asked in a user's turn and answers in its own, at once; any other model gets
    ``Question: ...`` and ``Answer:``.

    Args:
        form: to use another form than the model expects.
        thinks: whether a thought is to follow the question, and then ``Answer:`` and the answer.

    Attributes:
        form: ``chat`` or ``plain``.
        end: what ends an answer: what the template puts behind a finished one, as far as the token that ends the
            turn; without a template the line's end, or of a tokenizer that has none, the token that ends a text.

    Raises:
        InputError: the model's chat template cannot be used (`obverse.retrieval.chat`).
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, form: PromptForm | None = None, *, thinks: bool = False
    ) -> None:
        self._thinks = thinks
        self.form: PromptForm = form or ("chat" if tokenizer.chat_template else "plain")
        self.controls = ControlTokens(tokenizer)
        self._template = ChatTemplate(tokenizer, self.controls) if self.form == "chat" else None
        self.end: str = self._template.end if self._template else _line_end(tokenizer)
        self._behind = self._parts(())[1]

    def prefix(self, episodes: Sequence[Document]) -> str:
        """All of the prompt that stands before the question.

        Raises:
            InputError: the chat template changes the text of a document.
        """
        return self._parts(episodes)[0]

    def prompt(self, question: str) -> str:
        """The question and all that stands between it and the answer."""
        return f"Question: {self.as_data(question)}{self._behind}"

    def choice(self, text: str) -> str:
        """A choice as it follows the prompt."""
        return (self._template.space if self._template else " ") + self.as_data(text)

    def answer(self, text: str) -> str:
        """A choice as the whole answer: as it follows the prompt, and what ends it.

        Without its end, a choice that begins another is never less likely than that.
        """
        return self.choice(text) + self.end

    def as_read(self, question: Question) -> Question:
        """A question with answer and choices as the model reads them, and would say them."""
        choices = tuple(map(self.as_data, question.choices))
        return replace(question, answer=self.as_data(question.answer), choices=choices)

    def as_data(self, text: str) -> str:
        """``text`` with the model's control tokens broken up, so that no document can end its turn."""
        return self.controls.as_data(text)

    @property
    def turn(self) -> tuple[str, str]:
        """What stands before and behind a text that a user says; nothing in the plain form."""
        return self._template.around("", "") if self._template else ("", "")

    @property
    def rendered(self) -> str:
        """A prompt with its answer, letter by letter, names in braces standing for what is put in."""
        document = Document("document", "{document}")
        return self.prefix([document]) + self.prompt("{question}") + self.answer("{answer}")

    def _parts(self, episodes: Sequence[Document]) -> tuple[str, str]:
        documents = _SEPARATOR.join(self.as_data(episode.text.strip()) for episode in episodes)
        before = f"Documents:\n\n{documents}{_SEPARATOR}" if episodes else ""
        if self._template is None:
            return before, "\nThought:" if self._thinks else "\nAnswer:"
        return self._template.around(before, f"\n{_THINK if self._thinks else _DIRECT}")


def _line_end(tokenizer: PreTrainedTokenizerBase) -> str:
    line, ended = (tokenizer(text, add_special_tokens=False).input_ids for text in ("a", "a\n"))
    return "\n" if line != ended else tokenizer.eos_token or "\n"
