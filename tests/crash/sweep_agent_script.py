"""An agent of a sweep that may be killed at any moment: `SWEEP FOLDER`; notes what it begins."""

from __future__ import annotations

import os
import sys
import time

import weft


def train() -> None:
    with weft.init() as run:
        line = f"{run.id} {run.config.a} {run.config.b}\n"
        descriptor = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, line.encode())
        os.close(descriptor)
        for step in range(4):
            run.log({"loss": run.config.a + step})
            time.sleep(0.04)


weft.agent(sys.argv[1], function=train, project="kills")
