#!/usr/bin/env bash
# Back up weft's chunks: run on one replica of each shard, within 10 minutes after the dump of PostgreSQL.
# ClickHouse freezes the parts as links, so it takes no space until they are merged; copy the folder that is printed.
# Usage: backup.sh NAME      CLIENT: the client with its options · DATABASE · DATA: ClickHouse's data directory
set -euo pipefail
name=${1:?usage: backup.sh NAME}
client=${CLIENT:-clickhouse-client} database=${DATABASE:-weft} data=${DATA:-/var/lib/clickhouse}
to=$data/shadow/$name

[ ! -e "$to" ] || { echo "$to is there already: choose another name" >&2; exit 1; }
for table in owner chunk_limit part col; do
  engine=$($client --query "SELECT engine FROM system.tables WHERE database = '$database' AND name = '$table'")
  case $engine in Replicated*) $client --query "SYSTEM SYNC REPLICA $database.$table" ;; esac
  $client --query "ALTER TABLE $database.$table FREEZE WITH NAME '$name'"
  $client --format TSVRaw --query "SHOW CREATE TABLE $database.$table" > "$to/$table.sql"
  # Since 20.10 the folder of a table is a link to one below store/, and its frozen parts are below that name.
  folder=$(realpath --relative-to="$data" "$data/data/$database/$table")
  if [ "$folder" != "data/$database/$table" ] && [ -d "$to/$folder" ]; then
    mkdir -p "$to/data/$database"
    mv "$to/$folder" "$to/data/$database/$table"
    (cd "$to" && rmdir -p --ignore-fail-on-non-empty "${folder%/*}")
  fi
done
# Each shard has a row of `owner`.
[ -d "$to/data/$database/owner" ] || { echo "$to has no parts: is DATA=$data ClickHouse's data directory?" >&2; exit 1; }
echo "$to"
