"""A model's files by its name: from the hub where that answers, else from its cache on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from obverse.models.weights import ADAPTER_WEIGHTS, holds_adapter, weight_files

# Seconds in which a hub that can be reached answers.
_HUB_SECONDS = 5
# What beside the weights a model consists of.  Whatever lies in a folder of its own is of another use.
_DESCRIBING = ["*.json", "*.jinja", "*.model", "*.txt", "*.tiktoken"]


def snapshot(name: str) -> Path:
    """The folder of a hub model's files on this machine, downloaded where they are missing.

    Pickled weights and GGUF files are not fetched.

    Raises:
        Exception: of the hub's client, of many kinds: there is no such model, or it cannot be reached.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()  # our own progress is on the screen
    offline = not hub_answers()

    def fetch(patterns: list[str]) -> Path:
        return Path(
            snapshot_download(
                name, allow_patterns=patterns, ignore_patterns=["*/*"], local_files_only=offline
            )
        )

    folder = fetch(_DESCRIBING)
    wanted = [ADAPTER_WEIGHTS] if holds_adapter(folder) else [file.name for file in weight_files(folder)]
    return folder if offline else fetch(_DESCRIBING + wanted)


def hub_answers() -> bool:
    """Whether the hub can be reached.  Where it does not answer, the process is offline from then on.

    What a hub that cannot be reached is asked for is asked again and again, for minutes, by each of its clients.
    """
    from huggingface_hub import constants, get_session

    if constants.HF_HUB_OFFLINE:
        return False
    try:
        get_session().head(constants.ENDPOINT, timeout=_HUB_SECONDS)
    except Exception:  # of whatever library the hub's client is built on
        constants.HF_HUB_OFFLINE = True  # transformers and the hub's client look here,
        os.environ["HF_HUB_OFFLINE"] = "1"  # and peft here
        return False
    return True
