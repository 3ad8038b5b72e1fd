"""Whether this process is a notebook."""

import sys

from weft.sdk.display.notebook import is_notebook


def in_jupyter() -> bool:
    return is_notebook()


def in_notebook() -> bool:
    return is_notebook() or in_ipython()


def in_ipython() -> bool:
    return "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None
