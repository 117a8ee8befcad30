#!/bin/bash
# Says the first words of AMQP and waits for the broker's: a listener whose broker hangs is not well. Cheaper by far than
# a command line that starts an Erlang machine every few seconds.
exec timeout 4 bash -c '
	exec 3<>/dev/tcp/127.0.0.1/5672
	printf "AMQP\0\0\11\1" >&3
	head -c 32 <&3 | grep -qa capabilities\\\|version'
