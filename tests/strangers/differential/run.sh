#!/usr/bin/env bash
# The same requests to Bulkhead and to a server of the official Rust SDK.
#
# usage: run.sh URL SERVE   (SERVE is the binary `serve` of ../rmcp)
set -euo pipefail
url=$1 serve=$2
here=$(cd "$(dirname "$0")" && pwd)
exec {said}< <(exec "$serve" "$here/fixture.json")
other=$!
trap 'kill "$other" 2>/dev/null || true' EXIT
read -r -u "$said" -t 120 other_url
python3 "$here/play.py" "$url" "$other_url"
