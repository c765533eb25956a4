"""Scoring and generating from a shared prefix equal the plain way, for every kind of attention that is let in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import make_model
from shared_texts import PREFIX, QUESTIONS, first_line, plain_continuation, plain_scores
from transformers import AutoTokenizer

from obverse.answering import reading
from obverse.answering.answerer import Reading
from obverse.answering.encoding import PromptTooLongError, Request, encode
from obverse.answering.reading import Reader, score_choices
from obverse.models import load

MIXED = ["sliding_attention", "full_attention", "sliding_attention", "full_attention"]


def llama(folder: Path) -> Any:
    return make_model(folder)


def eager(folder: Path) -> Any:
    model = make_model(folder)
    model.set_attn_implementation("eager")
    return model


def llama_with_a_width_that_means_nothing(folder: Path) -> Any:
    return make_model(folder, sliding_window=8)


def mistral(folder: Path) -> Any:
    return make_model(folder, kind="mistral", sliding_window=12)


def mistral_eager(folder: Path) -> Any:
    model = mistral(folder)
    model.set_attn_implementation("eager")
    return model


def gemma3(folder: Path) -> Any:
    return make_model(
        folder,
        kind="gemma3_text",
        num_hidden_layers=4,
        sliding_window=8,
        layer_types=MIXED,
        initializer_range=0.1,
    )


def qwen2(folder: Path) -> Any:
    return make_model(
        folder,
        kind="qwen2",
        num_hidden_layers=4,
        use_sliding_window=True,
        sliding_window=16,
        layer_types=MIXED,
    )


def modernbert(folder: Path) -> Any:
    return make_model(
        folder, kind="modernbert-decoder", num_hidden_layers=4, local_attention=32, layer_types=MIXED
    )


def gpt2(folder: Path) -> Any:
    return make_model(folder, kind="gpt2", num_key_value_heads=4)


def adapted(folder: Path) -> Any:
    from peft import LoraConfig, get_peft_model

    settings = LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    torch.manual_seed(1)
    return get_peft_model(make_model(folder), settings).eval()


KINDS = [
    llama,
    eager,
    llama_with_a_width_that_means_nothing,
    mistral,
    mistral_eager,
    gemma3,
    qwen2,
    modernbert,
    gpt2,
    adapted,
]


@pytest.fixture(scope="session")
def tokenizer(tiny_folder: Path) -> Any:
    return AutoTokenizer.from_pretrained(tiny_folder)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return llama(tmp_path_factory.mktemp("llama"))


def scores(readings: list[Reading]) -> list[list[float]]:
    return [list(one.log_likelihoods) for one in readings]


def assert_close(ours: list[list[float]], plain: list[list[float]], limit: float = 1e-4) -> None:
    assert [len(row) for row in ours] == [len(row) for row in plain]
    apart = [
        abs(a - b) for left, right in zip(ours, plain, strict=True) for a, b in zip(left, right, strict=True)
    ]
    assert max(apart) < limit


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prefix", [PREFIX, ""], ids=["prefix", "no prefix"])
def test_choices_score_as_in_the_plain_way(
    kind: Callable[[Path], Any], prefix: str, tokenizer: Any, tmp_path: Path
) -> None:
    model = kind(tmp_path)
    assert_close(
        scores(score_choices(model, tokenizer, prefix, QUESTIONS)), plain_scores(model, tokenizer, prefix)
    )


@pytest.mark.parametrize("kind", [llama, mistral])
@pytest.mark.parametrize("row_tokens", [1, 40])
def test_rows_of_any_length_score_the_same(
    kind: Callable[[Path], Any],
    row_tokens: int,
    tokenizer: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = kind(tmp_path)
    one_row = scores(score_choices(model, tokenizer, PREFIX, QUESTIONS))
    monkeypatch.setattr(reading, "_ROW_TOKENS", row_tokens)
    reader = Reader(model, tokenizer, encode(tokenizer, PREFIX, requests()))
    rows = list(reader.read())
    assert len(rows) > 1
    assert_close(scores(in_order(rows)), one_row, 1e-5)


def test_prompts_with_nothing_in_common(tokenizer: Any, tiny: Any) -> None:
    questions = [("Ilka", [" Venning"]), ("Who is it?\n", ["Bahram", "Olwen"]), (PREFIX, ["Line", "\n"])]
    # The beginning-of-text token is not added, so not even that is shared.
    bare = encode(tokenizer, "", [Request(p, tuple(c)) for p, c in questions], special_tokens=False)
    assert Reader(tiny, tokenizer, bare).root == ()
    ours = score_choices(tiny, tokenizer, "", questions, special_tokens=False)
    assert_close(scores(ours), plain_scores(tiny, tokenizer, "", questions))


@pytest.mark.parametrize("new_tokens", [0, 5])
def test_documents_that_some_questions_share_are_read_once(
    new_tokens: int, tokenizer: Any, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts = [PREFIX, "Another letter. " + PREFIX]
    alone = [encode(tokenizer, "", [Request(context, ())])[0].prompt for context in contexts]
    texts = [(context + prompt, choices) for prompt, choices in QUESTIONS for context in contexts]
    encoded = encode(tokenizer, "", [Request(text, tuple(choices)) for text, choices in texts])
    # Shorter than either context: what one question adds to another must fit, and not what they begin with.
    most = min(map(len, alone)) - 1
    monkeypatch.setattr(reading, "_ROW_TOKENS", most)
    monkeypatch.setattr(reading, "_ANSWERING_TOKENS", most)
    reader = Reader(tiny, tokenizer, encoded, new_tokens=new_tokens)
    tree = reader.encode_root()
    rows = list(reader.read())
    assert [{one.index % 2 for one in row} for row in rows] == [{0}, {1}]
    added = [len(one.prompt) - len(alone[index % 2]) for index, one in enumerate(encoded)]
    choices = [len(text) - len(one.prompt) for one in encoded for text in one.texts]
    drawn = sum(one.generated_tokens for row in rows for one in row)
    assert tree.counts.tokens <= sum(map(len, alone)) + sum(added) + sum(choices) + drawn
    separately = [
        in_order(list(Reader(tiny, tokenizer, [one], new_tokens=new_tokens).read())) for one in encoded
    ]
    assert_close(scores(in_order(rows)), scores([one for (one,) in separately]), 1e-5)
    assert [one.generated for one in in_order(rows)] == [one.generated for (one,) in separately]


def test_a_single_question_with_a_single_choice(tokenizer: Any, tiny: Any) -> None:
    questions = [("Question: Who?\nAnswer:", [" Ilka Venning"])]
    ours = score_choices(tiny, tokenizer, PREFIX, questions)
    assert_close(scores(ours), plain_scores(tiny, tokenizer, PREFIX, questions))


def test_no_question_is_no_reading(tokenizer: Any, tiny: Any) -> None:
    assert score_choices(tiny, tokenizer, PREFIX, []) == []


def test_per_token_and_per_byte_are_exact() -> None:
    one = Reading((-3.0, -5.0), (2, 4), byte_counts=(6, 10))
    assert one.per_token == (-1.5, -1.25)
    assert one.per_byte == (-0.5, -0.5)


def test_lengths_are_those_of_the_choices(tokenizer: Any, tiny: Any) -> None:
    ours = score_choices(tiny, tokenizer, PREFIX, QUESTIONS)
    for (prompt, choices), one in zip(QUESTIONS, ours, strict=True):
        assert one.byte_counts == tuple(len(choice.encode()) for choice in choices)
        before = len(tokenizer(PREFIX + prompt).input_ids)
        assert one.token_counts == tuple(
            len(tokenizer(PREFIX + prompt + choice).input_ids) - before for choice in choices
        )


def requests() -> list[Request]:
    return [Request(prompt, tuple(choices)) for prompt, choices in QUESTIONS]


def in_order(rows: list[list[Reading]]) -> list[Reading]:
    return sorted((one for row in rows for one in row), key=lambda one: one.index)


@pytest.mark.parametrize("kind", [llama, mistral, gemma3, gpt2, adapted])
def test_generation_equals_generate(kind: Callable[[Path], Any], tokenizer: Any, tmp_path: Path) -> None:
    model = kind(tmp_path)
    reader = Reader(model, tokenizer, encode(tokenizer, PREFIX, requests()), new_tokens=10)
    (row,) = reader.read()
    for one in row:
        plain = plain_continuation(model, tokenizer, PREFIX + QUESTIONS[one.index][0], 10)
        expected = first_line(tokenizer, plain)
        assert one.generated == tokenizer.decode(expected, skip_special_tokens=True)
        assert one.generated_tokens == len(expected)
    assert_close(scores(in_order([row])), plain_scores(model, tokenizer, PREFIX))


def continuation(model: Any, tokenizer: Any, new_tokens: int = 6) -> Reading:
    encoded = encode(tokenizer, "", [Request(QUESTIONS[0][0], ())])
    return next(Reader(model, tokenizer, encoded, new_tokens=new_tokens).read())[0]


@pytest.mark.parametrize(("says", "kept"), [("<|end|>", 2), ("\n", 3)])
def test_an_answer_stops_at_its_end(says: str, kept: int, tokenizer: Any, tmp_path: Path) -> None:
    model = llama(tmp_path)
    tokens = plain_continuation(model, tokenizer, QUESTIONS[0][0], 6)
    (stop,) = tokenizer(says, add_special_tokens=False).input_ids
    assert len(tokens) == 6
    assert tokens[2] not in tokens[:2]
    assert stop not in tokens
    assert continuation(model, tokenizer).generated_tokens == 6
    with torch.no_grad():  # the model says the stop where it would have said the third token
        weight = model.lm_head.weight
        weight[[stop, tokens[2]]] = weight[[tokens[2], stop]]
    stopped = continuation(model, tokenizer)
    assert stopped.generated_tokens == kept
    assert stopped.generated == tokenizer.decode([*tokens[:2], stop], skip_special_tokens=True)


def test_what_is_done_is_not_read_and_changes_nothing(tokenizer: Any, tiny: Any) -> None:
    encoded = encode(tokenizer, PREFIX, requests())
    whole = in_order(list(Reader(tiny, tokenizer, encoded, new_tokens=5).read()))
    rest = in_order(list(Reader(tiny, tokenizer, encoded, new_tokens=5, done=frozenset({1})).read()))
    assert [one.index for one in rest] == [0, 2]
    assert_close(scores(rest), scores([whole[0], whole[2]]), 1e-5)
    assert [one.generated for one in rest] == [whole[0].generated, whole[2].generated]


def test_what_is_done_leaves_other_rows_bit_equal(
    tokenizer: Any, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_ROW_TOKENS", 1)  # each question its own row
    encoded = encode(tokenizer, PREFIX, requests())
    whole = in_order(list(Reader(tiny, tokenizer, encoded).read()))
    rest = in_order(list(Reader(tiny, tokenizer, encoded, done=frozenset({0})).read()))
    assert rest == whole[1:]


@pytest.mark.parametrize("new_tokens", [0, 7])
def test_too_long_a_prompt_is_refused_with_the_numbers(
    tokenizer: Any, tmp_path: Path, new_tokens: int
) -> None:
    model = make_model(tmp_path, max_position_embeddings=128)
    encoded = encode(tokenizer, PREFIX, requests())
    needed = max(one.longest for one in encoded) + new_tokens
    with pytest.raises(PromptTooLongError) as caught:
        Reader(model, tokenizer, encoded, new_tokens=new_tokens)
    counted = (
        f"{needed} tokens are needed for the longest prompt and the model's window holds 128: {needed - 128} "
    )
    assert counted + "too many; use" in str(caught.value)
    assert (caught.value.tokens, caught.value.window) == (needed, 128)


@pytest.mark.slow
def test_the_default_model_scores_and_generates_as_in_the_plain_way() -> None:
    pretrained = load(dtype="float32", device="cpu")
    prefix = "".join(f"Note {note}. {line}\n" for note, line in enumerate(PREFIX.splitlines() * 2, start=1))
    questions = [
        (
            "Question: Where is the lens of Ilka kept?\nAnswer:",
            [" in room 0", " in room 7", " in the cellar"],
        ),
        ("Question: Whose is the compass?\nAnswer:", [" Bahram's", " Bahram's and Jasper's", " Olwen's"]),
        ("Question: What does Olwen have?\nAnswer:", [" a barometer", " a lens", " nothing"]),
    ]
    tokenizer = pretrained.tokenizer
    assert 400 < len(tokenizer(prefix).input_ids) < 700
    encoded = encode(tokenizer, prefix, [Request(prompt, tuple(choices)) for prompt, choices in questions])
    readings = in_order(list(Reader(pretrained.model, tokenizer, encoded, new_tokens=6).read()))
    assert_close(scores(readings), plain_scores(pretrained.model, tokenizer, prefix, questions))
    plain = plain_continuation(pretrained.model, tokenizer, prefix + questions[0][0], 6)
    assert readings[0].generated == tokenizer.decode(first_line(tokenizer, plain), skip_special_tokens=True)
