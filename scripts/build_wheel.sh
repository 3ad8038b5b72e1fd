#!/usr/bin/env bash
# Build dist/weft-*.whl, the client, dist/weft_server-*.whl with the web app inside, and dist/wandb/wandb-*.whl, W&B's
# names for the client. The last has a folder of its own, so that `pip install dist/*.whl` leaves W&B's own package alone.
# Needs Python 3.11 or later with pip, and nothing else: pip fetches the build tools (hatchling, and Node in a wheel)
# into a folder that it removes again.
set -uo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
if ! "$python" -m pip --version >/dev/null 2>&1; then
    echo "wheel: $python has no pip: install it (Debian: apt install python3-pip), or name another with PYTHON=…" >&2
    exit 1
fi
mkdir -p dist/wandb
log=dist/build.log
echo "wheel: fetching hatchling and Node from PyPI; all of it takes about two minutes"
build() {
    "$python" -m pip -v wheel --no-deps --wheel-dir dist . ./distributions/server &&
        "$python" -m pip wheel --no-deps --wheel-dir dist/wandb ./distributions/wandb
}
if ! build 2>&1 | tee "$log" | sed -nu 's/^ *weft: /wheel: /p'; then
    tail -n 40 "$log" >&2
    echo "wheel: the build failed; all it printed is in $log" >&2
    exit 1
fi
rm "$log"
printf 'wheel: %s\n' "$(ls -t dist/weft-*.whl | head -1)" "$(ls -t dist/weft_server-*.whl | head -1)" "$(ls -t dist/wandb/*.whl | head -1)"
