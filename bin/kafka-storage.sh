#!/usr/bin/env bash
# What scripts for Apache Kafka expect: kafka-storage.sh format|info|random-uuid|version-mapping|feature-dependencies
path=${BASH_SOURCE[0]}
while [ -L "$path" ]; do
  link=$(readlink "$path")
  case $link in /*) path=$link ;; *) path=$(dirname "$path")/$link ;; esac
done
exec "$(dirname "$path")/barnabas" storage "$@"
