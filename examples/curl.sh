#!/bin/sh
# Runs code on this machine's gateway with nothing but curl: an answer, a stream, and a job that is left alone and stopped.
set -eu

token=$(cat "${BEEP_PYTHON_HOME:-$HOME/.beep-python}/token")
url=${BEEP_PYTHON_URL:-http://127.0.0.1:5678}

call() {
  curl -sS --no-buffer -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "$@"
}

echo 'An answer:'
call -d '{"code": "sum(range(101))"}' "$url/execute"

echo 'A stream, one event per line:'
call -H 'Accept: application/x-ndjson' -d '{"code": "for i in range(3): print(i)"}' "$url/execute"

echo 'A job of its own, stopped:'
job=first-call-$$
call -d "{\"code\": \"while True: pass\", \"detach\": true, \"executionId\": \"$job\"}" "$url/execute"
call -X POST -d '{}' "$url/executions/$job/interrupt"
call "$url/executions/$job?wait=10"
