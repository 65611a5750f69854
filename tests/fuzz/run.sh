#!/usr/bin/env bash
# Every fuzz target for so many seconds, two at a time, from the kept corpus. Ends with an error when a property broke;
# the input that broke it lies in target/fuzz/found then.
#
# usage: run.sh SECONDS [TARGET…]
#
# Needs a C++ compiler besides Rust: libFuzzer is built from source. Coverage is LLVM's own, over the crates of this
# workspace; no nightly compiler is needed for it, and no sanitizer is used, since the code has no `unsafe` of its own but
# for two places. What those crates use of others is what the server is built of, without coverage, from the same folder:
# the WebAssembly engine is not compiled for fuzzing once more.
set -euo pipefail
seconds=${1:?usage: run.sh SECONDS [TARGET…]}
shift
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export CARGO_INCREMENTAL=0 RUST_BACKTRACE=0
unset CARGO_TARGET_DIR RUSTFLAGS
kept=$root/target/fuzz

cargo build --release --locked --quiet --manifest-path "$here/engine/Cargo.toml" --target-dir "$kept" \
  --message-format json-render-diagnostics >"$kept.json"
engine=$(sed -n 's/.*"reason":"build-script-executed".*libfuzzer-sys.*"out_dir":"\([^"]*\)".*/\1/p' "$kept.json")
FUZZ_INSTRUMENT="--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1 -Copt-level=2 -Cdebug-assertions=on"
for part in level=4 inline-8bit-counters pc-table trace-compares; do
  FUZZ_INSTRUMENT+=" -Cllvm-args=-sanitizer-coverage-$part"
done
export FUZZ_INSTRUMENT FUZZ_LINK="-Clink-arg=$engine/libfuzzer.a -Clink-arg=-lstdc++"
# With the SDK, so that features come together as they do for the server, and what is built for it is used.
RUSTC_WORKSPACE_WRAPPER=$here/rustc.sh cargo build --release --locked --quiet --manifest-path "$root/Cargo.toml" \
  -p bulkhead-fuzz -p bulkhead-sdk
# What calls the host's functions, where the tests have it built.
CARGO_TARGET_DIR=$root/target/guests cargo build --release --locked --quiet --target wasm32-wasip2 \
  --manifest-path "$root/host/crates/sandbox/tests/probe/Cargo.toml"

targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cd "$here/targets" && printf '%s\n' *.rs | sed 's/\.rs$//')
found=$kept/found
one() {
  local target=$1 grown=$found/$1/corpus
  mkdir -p "$grown"
  if "$root/target/release/$target" "$grown" "$here/corpus/$target" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=1024 -max_len=8192 -artifact_prefix="$found/$target/" -print_final_stats=1 \
    </dev/null >"$found/$target/log" 2>&1; then
    echo "ok   $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$found/$target/log") inputs in $seconds s," \
      "$(grep -oE 'cov: [0-9]+' "$found/$target/log" | tail -n 1)"
  else
    tail -n 40 "$found/$target/log"
    echo "FAIL $target: see $found/$target"
    return 1
  fi
}
failed=0
for ((i = 0; i < ${#targets[@]}; i += 2)); do
  pids=()
  for target in "${targets[@]:i:2}"; do
    one "$target" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=$((failed + 1)); done
done
echo "fuzz: $((${#targets[@]} - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
