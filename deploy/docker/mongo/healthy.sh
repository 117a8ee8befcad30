#!/bin/bash
# Sends `hello` in MongoDB's own protocol and waits for the answer, because not every image has a shell for it. Well is
# who answers; being primary is what `mongo-init` waits for.
exec timeout 4 bash -c '
	exec 3<>/dev/tcp/127.0.0.1/27017
	printf "\64\0\0\0\1\0\0\0\0\0\0\0\335\7\0\0\0\0\0\0\0\37\0\0\0\20hello\0\1\0\0\0\2\44db\0\6\0\0\0admin\0\0" >&3
	head -c 64 <&3 | grep -qa "isWritablePrimary\|helloOk\|topologyVersion"'
