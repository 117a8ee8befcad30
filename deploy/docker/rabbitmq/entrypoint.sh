#!/bin/bash
# The administrator's login reaches the broker as a file of its own user, whatever number that user has in this image.
set -euo pipefail
install -d -o rabbitmq -m 0700 /run/rabbitmq/conf.d
install -o rabbitmq -m 0400 /opt/lentieng/lentieng.conf /run/rabbitmq/conf.d/10-lentieng.conf
install -o rabbitmq -m 0400 /run/lentieng/login.conf /run/rabbitmq/conf.d/20-login.conf
export RABBITMQ_CONFIG_FILES=/run/rabbitmq/conf.d
exec docker-entrypoint.sh "$@"
