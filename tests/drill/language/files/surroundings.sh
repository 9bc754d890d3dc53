#!/bin/bash
# What the scripts of a suite begin with; one reads it through a checked-out link.
set -e
ip tcp_metrics flush all > /dev/null 2>&1
sysctl -q net.ipv4.tcp_rmem="4096 540000 $((15*1024*1024))"
sysctl -q net.ipv4.tcp_timestamps=0 \
          net.ipv4.tcp_reordering=3
tc qdisc add dev tun0 root pfifo
