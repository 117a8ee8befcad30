#!/bin/sh
# Small images have busybox's wget and no bash, others bash and no wget.
if command -v wget >/dev/null 2>&1; then
	exec wget -q -T 3 -O /dev/null http://127.0.0.1:8079/
fi
exec timeout 3 bash -c '
	exec 3<>/dev/tcp/127.0.0.1/8079
	printf "GET / HTTP/1.1\r\nHost: 127.0.0.1:8079\r\nConnection: close\r\n\r\n" >&3
	IFS= read -r status <&3
	[[ $status == "HTTP/1.1 204"* ]]'
