"""The process that draws: specifications of Vega-Lite come in as JSON, SVG and PNG go out.

Run as a module by `obverse.reports.figures`.  The JavaScript engine that draws reserves more address space than many
systems allow a process, and ends the process where it gets none.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any


def main() -> None:
    """Draw all that standard input lists, and write pairs of SVG and PNG, this in base64, to standard output."""
    import vl_convert

    specifications: list[dict[str, Any]] = json.load(sys.stdin)
    drawn = [
        (
            vl_convert.vegalite_to_svg(specification),
            base64.b64encode(vl_convert.vegalite_to_png(specification, scale=2)).decode("ascii"),
        )
        for specification in specifications
    ]
    json.dump(drawn, sys.stdout)


if __name__ == "__main__":
    main()
