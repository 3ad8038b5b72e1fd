#!/usr/bin/env bash
# Restore weft's chunks into a ClickHouse without them: run on one replica of each shard, from a folder of backup.sh.
# The other replicas get them by replication: there, run it with a folder that has the four .sql files alone.
# Usage: restore.sh FOLDER   CLIENT: the client with its options · DATABASE: its name in the backup · DATA
set -euo pipefail
from=${1:?usage: restore.sh FOLDER}
client=${CLIENT:-clickhouse-client} database=${DATABASE:-weft} data=${DATA:-/var/lib/clickhouse}

$client --query "CREATE DATABASE IF NOT EXISTS $database"
for table in part col chunk_limit owner; do
  $client --query "$(cat "$from/$table.sql")"
  for part in "$from/data/$database/$table"/*; do
    [ -d "$part" ] || continue
    cp -a "$part" "$data/data/$database/$table/detached/"
    $client --query "ALTER TABLE $database.$table ATTACH PART '${part##*/}'"
  done
done
