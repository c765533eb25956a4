"""Tasks in the form of other evaluation harnesses."""

from obverse.exports.for_inspect import export_for_inspect
from obverse.exports.for_lm_eval import export_for_lm_eval

__all__ = ["export_for_inspect", "export_for_lm_eval"]
