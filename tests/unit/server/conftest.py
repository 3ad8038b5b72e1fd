from __future__ import annotations

import compiled_statements as compiled_statements
import new_databases as new_databases
