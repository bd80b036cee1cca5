#!/usr/bin/env bash
# What scripts for Apache Kafka expect: kafka-server-start.sh [-daemon] server.properties [--override property=value]*
path=${BASH_SOURCE[0]}
while [ -L "$path" ]; do
  link=$(readlink "$path")
  case $link in /*) path=$link ;; *) path=$(dirname "$path")/$link ;; esac
done
if [ $# -lt 1 ]; then
  echo "USAGE: $0 [-daemon] server.properties [--override property=value]*"
  exit 1
fi
exec "$(dirname "$path")/barnabas" start "$@"
