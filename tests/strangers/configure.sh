#!/usr/bin/env bash
# Writes a configuration a stranger's desktop client would use: plugins built, signed by a key of ours, trusted, added.
#
# usage: configure.sh BULKHEAD FOLDER
set -euo pipefail
bulkhead=$1 folder=$2
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$folder/data"
cd "$folder"
"$bulkhead" init .
"$bulkhead" keygen --out publisher.pem
"$bulkhead" trust publisher.pub.pem --plugins calc file everything
for plugin in calc file everything; do
  "$bulkhead" build "$root/plugins/$plugin" --sign publisher.pem --out "$plugin.wasm"
done
"$bulkhead" add calc.wasm
"$bulkhead" add file.wasm --grant 'fs=./data:/data:rw'
"$bulkhead" add everything.wasm
# The fixture's names are the conformance suite's own: no prefix. Its longest work takes over a minute.
sed -i 's/^  everything:$/&\n    prefix: ""\n    limits: {time: 90s}/' mcp.yaml
"$bulkhead" check
# The same over HTTP, for whoever is on this machine.
{ cat mcp.yaml; echo 'allowAnonymous: true'; } >http.yaml
"$bulkhead" check --config http.yaml >/dev/null
