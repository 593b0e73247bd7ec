#!/bin/sh
# Draws the passwords of an installation of containers into docker/.env, once; those that stand there are kept.
set -eu
umask 077
file=$(cd "$(dirname "$0")" && pwd)/.env
touch "$file"
for name in ARI PHONE AGENT REDIS POSTGRES; do
    grep -q "^OTKLIK_${name}_PASSWORD=" "$file" || printf 'OTKLIK_%s_PASSWORD=%s\n' "$name" "$(openssl rand -hex 16)" >>"$file"
done
echo "$file"
