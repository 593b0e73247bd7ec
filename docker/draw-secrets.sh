#!/bin/sh
# Draws the secrets of an installation of containers into docker/.env, once; those that stand there are kept.
set -eu
umask 077
file=$(cd "$(dirname "$0")" && pwd)/.env
touch "$file"
for name in ARI_PASSWORD PHONE_PASSWORD AGENT_PASSWORD REDIS_PASSWORD POSTGRES_PASSWORD \
    ERASURE_SECRET ALERT_SECRET LOGIN_SECRET; do
    grep -q "^OTKLIK_$name=" "$file" || printf 'OTKLIK_%s=%s\n' "$name" "$(openssl rand -hex 16)" >>"$file"
done
echo "$file"
