#!/bin/bash
# mongod refuses a key file that others can read or that is not its own: it gets its own copy, whatever number its user
# has in this image.
set -euo pipefail
install -d -o mongodb -m 0700 /run/mongo
install -o mongodb -m 0400 /run/lentieng/keyfile /run/mongo/keyfile
exec docker-entrypoint.sh "$@"
