"""Charts to log: lines, bars, curves of classifiers, or any Vega-Lite preset. No I/O.

    from weft.plot import roc_curve

    run.log({"roc": roc_curve(y_true, y_probas, labels=["cat", "dog"])})

The functions are in `weft.sdk.plot`.
"""

from __future__ import annotations

from weft.sdk.plot import *  # noqa: F403
from weft.sdk.plot import __all__ as __all__
