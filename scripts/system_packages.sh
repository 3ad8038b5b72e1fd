#!/usr/bin/env bash
# Installs what the tests need from Debian: Chromium (web tests), PostgreSQL, ClickHouse and ZooKeeper (storage).
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

install() {
  echo "system: installing $* from Debian"
  if [ "$(id -u)" -ne 0 ]; then
    echo "system: not root; run: sudo apt-get install $*" >&2
    return 1
  fi
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
command -v clickhouse-server >/dev/null || [ -x /usr/sbin/clickhouse-server ] || missing+=(clickhouse-server)
command -v clickhouse-client >/dev/null || missing+=(clickhouse-client)
[ -e /usr/share/java/zookeeper.jar ] || missing+=(zookeeper)
[ ${#missing[@]} -eq 0 ] || install "${missing[@]}"

# The same browser without its windows takes half the time; not every Debian has it.
command -v chromium-headless-shell >/dev/null || install chromium-headless-shell ||
  echo "system: the web tests take chromium instead"
