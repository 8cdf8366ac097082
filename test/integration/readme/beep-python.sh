#!/bin/sh
# The program as a user has it: here from the clone.
root="$(dirname "$(readlink -f "$0")")/../../.."
exec "$root/node_modules/.bin/node" "$root/src/main.ts" "$@"
