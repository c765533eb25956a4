"""Chat templates after the manner of models that there are, by what is peculiar to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conftest import make_tokenizer

CONTROLS = (
    "<|user|>",
    "<|assistant|>",
    "<|system|>",
    "<|channel|>",
    "<|message|>",
    "<|return|>",
    "<|END_RESPONSE|>",
)

_TURNS = "{% for m in messages %}<|start|>{{ m.role }}\n{{ m.content }}<|end|>\n{% endfor %}"
_ASKS = "{% if add_generation_prompt %}<|start|>assistant\n"

CHATML = _TURNS + _ASKS + "{% endif %}"
DATED = "{{ strftime_now('%d %b %Y') }}" + CHATML

# A switch, by which the template itself writes an empty thought; a finished turn has one, too.
SWITCH = (
    "{% for m in messages %}<|start|>{{ m.role }}\n"
    "{% if m.role == 'assistant' and loop.last %}<think>\n\n</think>\n\n{% endif %}{{ m.content }}<|end|>\n"
    "{% endfor %}" + _ASKS + "{% if enable_thinking is defined and enable_thinking is false %}"
    "<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
# Another name for it, and a thought that is closed without having been opened.
OTHER_SWITCH = (
    "{% if not thinking is defined %}{% set thinking = true %}{% endif %}"
    "{% for m in messages %}{% if m.role == 'user' %}<|user|>{{ m.content }}"
    "{% else %}<|assistant|></think>{{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% if thinking %}<think>{% else %}</think>{% endif %}{% endif %}"
)
# Efforts and budgets; a name for an effort that is none is no effort.
EFFORT = CHATML + ("{% if reasoning_effort is not defined or reasoning_effort != 'none' %}[THINK]{% endif %}")
BUDGET = CHATML + "{% if thinking_budget is not defined or thinking_budget != 0 %}<seed:think>{% endif %}"
EFFORTS = "Effort: {{ reasoning_effort | default('medium') }}{% set kind = 'none' %}" + CHATML
# Always opens a thought, and takes thoughts out of what was answered before.
OPEN = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}<|user|>{{ m.content }}"
    "{% else %}<|assistant|>{{ m.content.split('</think>')[-1] }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|><think>\n{% endif %}"
)
SQUARE = OPEN.replace("<think>\n", "[THINK]")
# Messages go to channels; an answer to the last one.
CHANNELS = (
    "<|start|>system<|message|>Reasoning: medium\nValid channels: analysis, final.<|end|>"
    "{% for m in messages %}{% if m.role == 'user' %}<|start|>user<|message|>{{ m.content }}<|end|>"
    "{% else %}<|start|>assistant<|channel|>final<|message|>{{ m.content }}"
    "{% if loop.last and not add_generation_prompt %}<|return|>{% else %}<|end|>{% endif %}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant{% endif %}"
)
# White space around turns, and before an answer.
SPACED = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content | trim }} [/INST]"
    "{% else %} {{ m.content | trim }} {{ eos_token }}{% endif %}{% endfor %}"
)
ALTERNATES = (
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate user/assistant') }}{% endif %}{% endfor %}" + SPACED
)
PARTS = (
    "{% for m in messages %}<|start|>{{ m.role }}\n{% for part in m.content %}{% if part.type == 'text' %}"
    "{{ part.text }}{% endif %}{% endfor %}<|end|>\n{% endfor %}" + _ASKS + "{% endif %}"
)
# Fails on a text where it should lose it.
PARTS_OR_NOTHING = PARTS.replace("part.text", "part['text'] + ''").replace(
    "{% if part.type == 'text' %}", "{% if true %}"
)
NEEDS_SYSTEM = (
    "{% if messages[0].role != 'system' %}{{ raise_exception('a system message comes first') }}{% endif %}"
    + CHATML
)
NO_SYSTEM = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    + CHATML
)
TAKES_NO_ANSWER = (
    "{% for m in messages %}{% if m.role != 'user' %}{{ raise_exception('only users speak') }}{% endif %}"
    "<|user|>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
# Begins every answer with reasons; a turn has its end where another follows.
REASONS = (
    "{% for m in messages %}{% if m.role == 'user' %}<|user|>\n{{ m.content }}{% else %}"
    "{{ '\n<|assistant|>\n' + m.content }}{% if not loop.last %}{{ '\n<|end|>\n' }}{% endif %}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '\n<|assistant|>\nHere are my reasoning steps:\n' }}{% endif %}"
)
# The next turn's beginning ends a turn; finished turns have an empty thought that the prompt has not.
NEXT_TURN = (
    "{% for m in messages %}{% if m.role == 'user' %}<|user|>\n{{ m.content }}"
    "{% else %}<|assistant|>\n<think></think>\n{{ m.content }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
# The prompt closes a thought, finished turns have none.
CLOSED = CHATML.replace("assistant\n", "assistant\n<|channel>thought\n<channel|>")
BLANK = OPEN.replace("<think>\n", "<think>\n\n")
COLON = (
    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)

NO_CONTROLS = (
    "{% for m in messages %}### {{ m.role }}:\n{{ m.content }}\n\n{% endfor %}"
    "{% if add_generation_prompt %}### assistant:\n{% endif %}"
)

# Both a switched-off thought and a finished turn have something before the answer, each of its own.
RESPONSE = (
    "{% for m in messages %}{% if m.role == 'user' %}<|user|>{{ m.content }}"
    "{% else %}<|assistant|><|START_RESPONSE|>{{ m.content }}<|END_RESPONSE|><|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>"
    "{% if reasoning is false %}<|START_THINKING|><|END_THINKING|>{% endif %}{% endif %}"
)
# A system's turn of its own tells the model to think, and the prompt begins no thought.
TELLS = "<|start|>system\nWrite [THINK]...[/THINK] and then your answer.<|end|>\n" + CHATML

ESCAPES = CHATML.replace("{{ m.content }}", "{{ m.content | e }}")
CUTS = CHATML.replace("{{ m.content }}", "{{ m.content[:12] }}")
ONE_LINE = CHATML.replace("{{ m.content }}", "{{ m.content.split() | join(' ') }}")
LOSES = CHATML.replace("{{ m.content }}", "{{ m.contents }}")
MUST_THINK = (
    "{% if enable_thinking is defined and not enable_thinking %}{{ raise_exception('this model thinks') }}{% endif %}"
    + CHATML
)
BROKEN = "{% for m in messages %}{{ m.content }"
DIVIDES = "{{ 1 // 0 }}" + CHATML


def tokenizer_with(folder: Path, template: str | None) -> Any:
    """The tiny tokenizer with this template, the control tokens that these use, and the markers of thoughts."""
    tokenizer = make_tokenizer(folder)
    tokenizer.add_special_tokens({"additional_special_tokens": list(CONTROLS)})
    tokenizer.add_tokens(["<think>", "</think>"])
    tokenizer.chat_template = template
    return tokenizer
