"""What stands in the prompt when a question is asked: episodes, question, and the form the model expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from obverse.types import Document

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PromptForm = Literal["chat", "plain"]

_SEPARATOR = "\n\n---\n\n"
_THINK = (
    "Say what you know that bears on it. Then give the answer alone, on a last line that begins with Answer:"
)
_PLACE = "\N{OBJECT REPLACEMENT CHARACTER}obverse question\N{OBJECT REPLACEMENT CHARACTER}"


class Assembler:
    """Puts episodes and question into the form that the model expects.

    A model with a chat template is asked in a user's turn and answers in its own; any other model gets
    ``Question: ...`` and ``Answer:``.

    Args:
        form: to use another form than the model expects.
        thinks: whether a thought is to follow the question, and then ``Answer:`` and the answer.

    Attributes:
        form: ``chat`` or ``plain``.
        end: what ends an answer: what the template puts behind a finished one, as far as the token that ends the
            turn; without a template the line's end.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, form: PromptForm | None = None, *, thinks: bool = False
    ) -> None:
        self._tokenizer, self._thinks = tokenizer, thinks
        self.form: PromptForm = form or ("chat" if tokenizer.chat_template else "plain")
        self._special = sorted(set(tokenizer.all_special_tokens), key=len, reverse=True)
        self.end = self._end() if self.form == "chat" else "\n"

    def prefix(self, episodes: Sequence[Document]) -> str:
        """All of the prompt that stands before the question."""
        return self._parts(episodes)[0]

    def prompt(self, question: str) -> str:
        """The question and all that stands between it and the answer."""
        return f"Question: {self.as_data(question)}{self._parts(())[1]}"

    def choice(self, text: str) -> str:
        """A choice as it follows the prompt."""
        return self.as_data(text) if self.form == "chat" else f" {self.as_data(text)}"

    def answer(self, text: str) -> str:
        """A choice as the whole answer: as it follows the prompt, and what ends it.

        Without its end, a choice that begins another is never less likely than that.
        """
        return self.choice(text) + self.end

    def _end(self) -> str:
        turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": _PLACE}]
        tail = str(self._tokenizer.apply_chat_template(turns, tokenize=False)).rpartition(_PLACE)[2]
        places = [tail.find(token) + len(token) for token in self._special if token in tail]
        return tail[: min(places)] if places else self._tokenizer.eos_token or "\n"

    def _parts(self, episodes: Sequence[Document]) -> tuple[str, str]:
        documents = _SEPARATOR.join(self.as_data(episode.text.strip()) for episode in episodes)
        before = f"Documents:\n\n{documents}{_SEPARATOR}" if episodes else ""
        if self.form == "plain":
            return before, "\nThought:" if self._thinks else "\nAnswer:"
        content = f"{before}{_PLACE}\n{_THINK if self._thinks else 'Answer with the answer alone.'}"
        rendered = self._tokenizer.apply_chat_template(
            [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
        )
        head, _, tail = str(rendered).rpartition(_PLACE)  # a document may hold the mark too, before it
        return head, tail

    def as_data(self, text: str) -> str:
        """``text`` with the model's control tokens broken up, so that no document can end its turn."""
        for token in self._special:
            if token in text:
                text = text.replace(token, f"{token[0]} {token[1:]}")
        return text
