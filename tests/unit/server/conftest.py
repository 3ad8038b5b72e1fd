from __future__ import annotations

import compiled_statements as compiled_statements
