#!/bin/sh
# Sets up an installation on Debian 12: `setup.sh run` for calls, `setup.sh demo` for the scripted call as well (a SIP
# phone written in C comes along), `setup.sh dev` for tests and checks too.
# `setup.sh unit` makes the virtual environment alone: no root, no Debian packages, no models, any system with Python.
# Every step says what it does, is skipped when it is done already, and can be repeated after an interruption.
set -eu
kind=${1:?usage: setup.sh run|demo|dev|unit}
project=$(cd "$(dirname "$0")/.." && pwd)
cd "$project"
home=${OTKLIK_HOME:-$project/var}
mkdir -p "$home/stamps"
chmod 700 "$home"

say() { printf '[setup] %s\n' "$*" >&2; }
fail() { printf '[setup] %s\n' "$*" >&2; exit 1; }

# --- Debian packages ---------------------------------------------------------------------------------------------
wanted=$(awk -v kind="$kind" '!/^#/ && NF && kind != "unit" &&
    ($2 == "run" || ($2 == "demo" && kind == "demo") || kind == "dev") {print $1}' docker/debian-packages.txt)
missing=""
for package in $wanted; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
    say "Debian packages to install:$missing"
    if [ "$(id -u)" = 0 ]; then root=""
    elif command -v sudo >/dev/null; then root="sudo"
    else fail "neither root nor sudo: ask an administrator for  apt-get install$missing  and start again"; fi
    $root apt-get -qq update || say "the package lists could not be refreshed; trying with the ones at hand"
    # shellcheck disable=SC2086  # a list of words on purpose
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2 ||
        fail "apt-get could not install:$missing  (see above); put it right and start again: nothing is done twice"
fi

# --- Python ------------------------------------------------------------------------------------------------------
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' ||
    fail "$("$python" -V) will not do: Python 3.11 or 3.12 is wanted; name one with PYTHON=python3.11 make …"
case $kind in
    run) lock=requirements.lock larger="requirements-demo.lock requirements-dev.lock" ;;
    demo) lock=requirements-demo.lock larger=requirements-dev.lock ;;
    *) lock=requirements-dev.lock larger="" ;;
esac
# A lock of another kind that is still current is kept when it holds more than is wanted now.
stamp() { cat "$1" pyproject.toml | sha256sum | cut -d' ' -f1; }
have=$(cat "$home/stamps/python" 2>/dev/null || true)
[ -x .venv/bin/otklik ] || have=""
for kept in $larger; do
    [ "$have" != "$(stamp "$kept")" ] || lock=$kept
done
if [ "$have" != "$(stamp "$lock")" ]; then
    say "Python packages from $lock, each checked by its hash (some 400 MB once)"
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    .venv/bin/python -m pip install --disable-pip-version-check \
        --require-hashes --requirement "$lock" >&2 ||
        fail "Python packages could not be installed from the index pip is set up for (see above); start again: finished downloads are kept"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . >&2
    stamp "$lock" >"$home/stamps/python"
fi
[ "$kind" != unit ] || exit 0
if [ "$(cat "$home/stamps/compiled" 2>/dev/null || true)" != "$(stamp "$lock")" ]; then
    say "compiling what librosa measures voices with (half a minute, once)"
    .venv/bin/python -m speech.audio.acoustics
    stamp "$lock" >"$home/stamps/compiled"
fi

# --- Asterisk, models, web parts ---------------------------------------------------------------------------------
[ -x "$home/asterisk/asterisk" ] || docker/install-asterisk.sh "$home/asterisk" >&2
if [ "$kind" = dev ]; then .venv/bin/otklik models pull --needed --tests; else .venv/bin/otklik models pull --needed; fi
learnt=$(find ivr/scenarios ivr/knowledge speech/languages speech/embeddings speech/intents speech/sentiment -type f ! -name '*.pyc' -exec sha256sum {} + | sort | sha256sum)
if [ "$(cat "$home/stamps/learnt" 2>/dev/null || true)" != "$learnt" ]; then
    say "learning what callers mean, from the scenarios and the articles (a minute, once)"
    .venv/bin/python -m ivr.prepare || fail "the scenarios or the articles have faults (see above)"
    .venv/bin/python -m speech.sentiment.kept_models || fail "the phrases that sentiment is learnt from have faults (see above)"
    printf '%s\n' "$learnt" >"$home/stamps/learnt"
fi

vendor=$(cat api/web/package.json api/web/package-lock.json | sha256sum | cut -d' ' -f1)
if [ "$(cat api/static/vendor/.stamp 2>/dev/null || true)" != "$vendor" ]; then
    say "scripts of the pages, from api/web/package-lock.json"
    if ! command -v npm >/dev/null; then
        say "no npm here: taking Node from requirements-node.lock"
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --target "$home/node" --upgrade \
            --require-hashes --requirement requirements-node.lock >&2
        node=$(dirname "$(find "$home/node" -type f -path '*/bin/node' | head -n 1)")
        mkdir -p "$home/node/path"
        ln -sf "$node/node" "$home/node/path/node"
        printf '#!/bin/sh\nexec "%s/node" "%s/../lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$node" "$node" \
            >"$home/node/path/npm"
        chmod +x "$home/node/path/npm"
        PATH=$home/node/path:$PATH
        export PATH
    fi
    (cd api/web && npm ci --no-audit --no-fund --ignore-scripts --silent && npm run --silent vendor) >&2 ||
        fail "npm could not fetch the scripts of the pages (see above); start again"
    printf '%s\n' "$vendor" >api/static/vendor/.stamp
fi
