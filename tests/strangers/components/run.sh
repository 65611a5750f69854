#!/usr/bin/env bash
# Components that this project did not compile, from PyPI by digest: signed without a word about them, added, served, and
# called by the official Python client.
#
# usage: run.sh BULKHEAD PYTHON FOLDER   (PYTHON has the packages of ../python; FOLDER is made, and keeps the downloads)
set -euo pipefail
bulkhead=$1 python=$2 folder=$3
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder/wheels" "$folder/served"
"$python" -m pip --quiet --disable-pip-version-check download --require-hashes --no-deps --only-binary :all: \
  --dest "$folder/wheels" -r "$here/requirements.txt"
cd "$(mktemp -d "$folder/served/XXXXXX")"
"$bulkhead" init .
"$bulkhead" keygen --out publisher.pem
"$bulkhead" trust publisher.pub.pem --plugins zlib asinh
for codec in zlib asinh; do
  "$python" -m zipfile -e "$folder"/wheels/numcodecs_wasm_"$codec"-*.whl wheel
  cp "wheel/numcodecs_wasm_$codec/codec.wasm" "$codec.wasm"
  "$bulkhead" inspect "$codec.wasm" | grep -F 'codec.from-config  is no tool: it gives a handle'
  "$bulkhead" sign "$codec.wasm" --key publisher.pem
  "$bulkhead" add "$codec.wasm"
done
"$bulkhead" check
"$python" "$here/drive.py" "$bulkhead" "$PWD/mcp.yaml"
