"""What libraries would say on the screen while they work for us: warnings, advice, progress bars of their own."""

from __future__ import annotations

import logging
import os
import sys
import warnings

_ENVIRONMENT = {
    "DATASETS_VERBOSITY": "error",
    "GLOG_minloglevel": "2",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_VERBOSITY": "error",
    "LANCE_LOG": "error",
    "PYTHONWARNINGS": "ignore",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TOKENIZERS_PARALLELISM": "true",  # where it is not set, a fork is warned of
    "TORCH_CPP_LOG_LEVEL": "ERROR",
    "TQDM_DISABLE": "1",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}


def quiet_libraries() -> None:
    """Have libraries say nothing in this process and in those that it starts; call it before they are imported.

    What the user set in the environment, or with ``python -W``, stays.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    # A log without any handler is written to standard error.
    logging.getLogger().addHandler(logging.NullHandler())
