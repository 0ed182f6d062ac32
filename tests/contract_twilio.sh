#!/usr/bin/env bash
# Are our calls what the provider's own description of its API says? tests/contract_twilio.sh DESCRIPTION.json
# Prism answers by that description and refuses what does not fit it; then it stands between our client and our stand-in
# provider and judges both. Needs node 18.20 or newer and npm.
set -euo pipefail
description=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

prism=${PRISM_FOLDER:-.prism}
port=${PRISM_PORT:-4010}
between=$((port + 2))
if [ ! -x "$prism/node_modules/.bin/prism" ]; then
    npm install --silent --no-audit --no-fund --prefix "$prism" @stoplight/prism-cli@5.14.2
fi

work=$(mktemp -d)
children=()
trap 'kill "${children[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT

# await FILE WORDS PROCESS: until the file has the words, unless the process ends first.
await() {
    for _ in $(seq 150); do
        if grep -q "$2" "$1"; then return; fi
        if ! kill -0 "$3" 2>/dev/null; then break; fi
        sleep 0.2
    done
    cat "$1" >&2
    exit 1
}

zeros=00000000000000000000000000000000
.venv/bin/python -m tests.standin --ledger "$work/ledger" --account "AC$zeros" --token tttttttttttttttttttttttttttttttt \
    --service "MG$zeros" --replies-url http://127.0.0.1:9/ >"$work/standin" 2>&1 &
children+=($!)
await "$work/standin" "^http" "$!"
standin=$(head -1 "$work/standin")

node "$prism/node_modules/.bin/prism" mock --errors -h 127.0.0.1 -p "$port" "$description" >"$work/mock" 2>&1 &
children+=($!)
mock=$!
node "$prism/node_modules/.bin/prism" proxy --errors -h 127.0.0.1 -p "$between" "$description" "$standin" >"$work/proxy" 2>&1 &
children+=($!)
await "$work/proxy" "is listening" "$!"
await "$work/mock" "is listening" "$mock"

.venv/bin/python -m tests.contract_twilio "http://127.0.0.1:$port" "http://127.0.0.1:$between" "$standin"
