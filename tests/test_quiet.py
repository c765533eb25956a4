"""Libraries say nothing, here and in processes that are started; what the user asks for is still said."""

from __future__ import annotations

import os
import subprocess
import sys

from obverse.quiet import _ENVIRONMENT

PROGRAM = """
import sys
if "quiet" in sys.argv:
    from obverse.quiet import quiet_libraries
    quiet_libraries()
NOISE = '''
import logging, warnings
warnings.warn("noise of a library")
from huggingface_hub.utils import logging as hub, tqdm
hub.get_logger("huggingface_hub.noise").warning("noise of a hub")
list(tqdm(range(3)))
from tqdm import tqdm as bar
list(bar(range(3)))
'''
exec(NOISE)
import logging, subprocess
logging.getLogger("library").warning("noise of a log")
print("noise of ours", file=sys.stderr)
subprocess.run([sys.executable, "-c", NOISE])
"""


def said(*arguments: str, **environment: str) -> str:
    plain = {name: value for name, value in os.environ.items() if name not in _ENVIRONMENT}
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.run(command, env=plain | environment, capture_output=True, text=True, check=True).stderr


def test_libraries_are_quiet_in_children_too() -> None:
    assert said("quiet") == "noise of ours\n"
    loud = said()
    for noise in ("noise of a library", "noise of a hub", "noise of a log", "100%"):
        assert noise in loud


def test_what_the_user_set_stays() -> None:
    loud = said("quiet", HF_HUB_VERBOSITY="warning", PYTHONWARNINGS="default")
    for noise in ("noise of a library", "noise of a hub"):
        assert noise in loud
