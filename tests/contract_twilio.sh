#!/usr/bin/env bash
# Are our calls what the provider's own description of its API says? tests/contract_twilio.sh DESCRIPTION.json
# Prism answers by that description and refuses what does not fit it. Needs node 18.20 or newer and npm.
set -euo pipefail
description=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

prism=${PRISM_FOLDER:-.prism}
port=${PRISM_PORT:-4010}
if [ ! -x "$prism/node_modules/.bin/prism" ]; then
    npm install --silent --no-audit --no-fund --prefix "$prism" @stoplight/prism-cli@5.14.2
fi

log=$(mktemp)
node "$prism/node_modules/.bin/prism" mock --errors -h 127.0.0.1 -p "$port" "$description" >"$log" 2>&1 &
mock=$!
trap 'kill "$mock" 2>/dev/null; rm -f "$log"' EXIT
for _ in $(seq 100); do
    if grep -q "is listening" "$log"; then break; fi
    if ! kill -0 "$mock" 2>/dev/null; then
        cat "$log" >&2
        exit 1
    fi
    sleep 0.2
done

.venv/bin/python -m tests.contract_twilio "http://127.0.0.1:$port"
