#!/usr/bin/env bash
# Installs what the tests need from Debian: Chromium (web tests) and PostgreSQL (metadata tests).
set -euo pipefail
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
[ ${#missing[@]} -eq 0 ] && exit 0
echo "system: installing ${missing[*]} from Debian"
if [ "$(id -u)" -ne 0 ]; then
  echo "system: not root; run: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
