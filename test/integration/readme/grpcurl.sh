#!/bin/sh
# Stands in for grpcurl where it is not installed: the same call by buf.
# grpcurl -plaintext -H <header> -d <message> <host>:<port> <service>/<method>
[ "$#" = 7 ] && [ "$1" = -plaintext ] && [ "$2" = -H ] && [ "$4" = -d ] || {
  echo "not a call that buf can stand in for: grpcurl $*" >&2
  exit 2
}
exec "$BUF" curl --protocol grpc --http2-prior-knowledge "$2" "$3" "$4" "$5" "http://$6/$7"
