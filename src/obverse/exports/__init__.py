"""Tasks in the form of other programs: evaluation harnesses, and a trainer that reinforces."""

from obverse.exports.for_inspect import export_for_inspect
from obverse.exports.for_lm_eval import export_for_lm_eval
from obverse.exports.for_trl import export_for_trl

__all__ = ["export_for_inspect", "export_for_lm_eval", "export_for_trl"]
