#!/usr/bin/env bash
# What scripts for Apache Kafka expect: kafka-server-stop.sh [--process-role=value] [--node-id=value]
path=${BASH_SOURCE[0]}
while [ -L "$path" ]; do
  link=$(readlink "$path")
  case $link in /*) path=$link ;; *) path=$(dirname "$path")/$link ;; esac
done
exec "$(dirname "$path")/barnabas" stop "$@"
