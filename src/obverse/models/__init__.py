"""Who learns: pretrained models by name or folder, and the one that is used when none is named."""

from obverse.models.default import DEFAULT_MODEL
from obverse.models.loading import Pretrained, context_window, load

__all__ = ["DEFAULT_MODEL", "Pretrained", "context_window", "load"]
