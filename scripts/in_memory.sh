#!/usr/bin/env bash
# Runs a command whose temporary files are in memory, if this machine has room for them: a fifth of
# the time of `make test` is waiting for the disk. The tests at length use the disk.
# Usage: scripts/in_memory.sh COMMAND…     Exit status: the command's.
set -euo pipefail

readonly folder=/dev/shm
readonly needed_kib=$((6 << 20)) # the files of a whole run take 2 GiB, its processes as much

free_kib() {
  [ -w "$folder" ] || { echo 0; return; }
  {
    df -k "$folder" | awk 'NR == 2 {print $4}'
    awk '/^MemAvailable/ {print $2}' /proc/meminfo
  } | sort -n | head -1
}

if [ "$(free_kib)" -ge "$needed_kib" ]; then
  TMPDIR=$(mktemp -d "$folder/weft-XXXXXX")
  chmod 755 "$TMPDIR" # PostgreSQL runs as another user
  export TMPDIR
  trap 'rm -rf "$TMPDIR"' EXIT
fi
"$@"
