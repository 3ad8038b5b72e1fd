"""Makes Python look as on a system without fork: `make test-portable` has this folder on its path.

Before anything else is imported, so that the standard library leaves fork alone, too.
"""

import os

for name in ("fork", "forkpty", "register_at_fork"):
    if hasattr(os, name):
        delattr(os, name)
