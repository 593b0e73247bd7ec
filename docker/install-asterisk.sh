#!/bin/sh
# Unpacks Asterisk 22 LTS and all it needs into a folder of its own: no root, no chroot, nothing of the machine changes.
# usage: install-asterisk.sh PREFIX      then  PREFIX/asterisk  runs it;  PREFIX/root  has its files
#        install-asterisk.sh PREFIX --back   the version before is in force again
#        install-asterisk.sh PREFIX --which  prints the folder of the version in force
#
# Run again it looks for a newer one. Each version has a folder of its own in PREFIX/versions, PREFIX/current is a link
# that is switched at once, and the version before is kept. Asterisk takes part in a telephone line: a version that is
# older than the one here, or lacks the security fixes that ivr/telephony/ari.py names, is refused.
#
# Debian 12 has no Asterisk 22, a later Debian release has: its packages come from the mirror that apt uses here, apt
# checks their signatures, and they run with their own C library. The packages stay in PREFIX/debs, so that a second
# run, or one without a network, downloads nothing. Every step can be interrupted and repeated.
#
# OTKLIK_DEBIAN_MIRROR   another mirror, tried first
# OTKLIK_DEBIAN_KEYRING  keys that a mirror of your own is signed with
# OTKLIK_DEBIAN_SUITES   releases to take Asterisk from, in this order (forky sid)
# OTKLIK_CHECK_VALID     true: refuse a mirror whose index is past the date that Debian gave it, a week; mirrors that are
#                        frozen always are, hence this instead:
# OTKLIK_INDEX_DAYS      refuse an index older than so many days (90), and any that is older than the one used last; an
#                        old index, replayed by whoever stands between, would bring back faults that are mended
set -eu
prefix=${1:?usage: install-asterisk.sh PREFIX [--back|--which]}
suites=${OTKLIK_DEBIAN_SUITES:-forky sid}
packages="asterisk asterisk-core-sounds-en-gsm asterisk-core-sounds-ru-gsm"
keyring=${OTKLIK_DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
oldest_days=${OTKLIK_INDEX_DAYS:-90}
floor=$(sed -n 's/^SAFE_VERSION = (\([0-9]*\), \([0-9]*\))$/\1.\2/p' "$(dirname "$0")/../ivr/telephony/ari.py" 2>/dev/null || true)

say() { printf '[asterisk] %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

mkdir -p "$prefix/debs/partial"
prefix=$(cd "$prefix" && pwd)
architecture=$(dpkg --print-architecture)

# The folder a link names is in force from one moment to the next.
switch() {
    ln -sfn "versions/$1" "$prefix/.current"
    mv -T "$prefix/.current" "$prefix/current"
}
present=$(basename "$(readlink "$prefix/current" 2>/dev/null || true)")
if [ "${2:-}" = --back ]; then
    before=$(cat "$prefix/versions/$present/before" 2>/dev/null || true)
    [ -n "$before" ] && [ -d "$prefix/versions/$before" ] || fail "no version before $present is kept"
    switch "$before"
    say "$(cat "$prefix/version") is in force again"
    exit 0
fi

work=$prefix/.apt
rm -rf "$work"
mkdir -p "$work/lists/partial" "$work/none/partial"
: >"$work/status"
trap 'rm -rf "$work" "$prefix/versions/.fresh"' EXIT
trap 'exit 130' INT TERM

# Options beat this machine's own apt settings, of which the others, as a proxy, stay in force.
apt() {
    command=$1
    shift
    apt-get -q -y \
        -o Dir::State="$work" -o Dir::State::status="$work/status" -o Dir::State::lists="$work/lists" \
        -o Dir::Cache="$work" -o Dir::Cache::archives="$prefix/debs" \
        -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
        -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" \
        -o APT::Install-Recommends=0 -o APT::Sandbox::User= -o APT::Keep-Downloaded-Packages=true \
        -o APT::Update::Error-Mode=any -o Acquire::Languages=none -o Acquire::Retries=2 \
        -o Acquire::Check-Valid-Until="${OTKLIK_CHECK_VALID:-false}" -o Debug::NoLocking=1 \
        "$command" "$@"
}

# Asterisk's version, out of a list of packages' files.
version_in() { sed -n 's/^\(.* \)\{0,1\}asterisk_\([^_]*\)_.*/\2/p' "$1" | sed 's/%3a/:/' | head -n 1; }
version_of() { version_in "$prefix/versions/$1/SHA256SUMS" 2>/dev/null || true; }
# A folder's name says which packages are in it: the C library and OpenSSL have faults and mends of their own.
name_of() {
    printf '%s-%s' "$(version_in "$1" | tr -c 'A-Za-z0-9.+~\n' _)" \
        "$(awk '{print $NF}' "$1" | sort | sha256sum | cut -c1-8)"
}

# Whether the index is of these days, and no older than the one used last.
is_fresh() {
    date=$(sed -n 's/^Date: //p' "$work"/lists/*Release | head -n 1)
    at=$(date -d "$date" +%s)
    if [ "$at" -lt $(($(date +%s) - oldest_days * 86400)) ]; then
        say "its index is of $date, older than $oldest_days days: refused; OTKLIK_INDEX_DAYS=… allows it"
        return 1
    fi
    last=$(cat "$prefix/index-date" 2>/dev/null || echo 0)
    if [ "$at" -lt "$last" ]; then
        say "its index is of $date, older than the one used last: refused"
        return 1
    fi
}

is_wanted() {
    plain=${1#*:}
    if [ -n "$floor" ] && dpkg --compare-versions "$plain" lt "$floor"; then
        say "it has Asterisk $plain, which lacks security fixes of 2026: $floor or newer is wanted"
        return 1
    fi
    if [ -n "$present" ] && dpkg --compare-versions "$1" lt "$(version_of "$present")"; then
        say "it has Asterisk $plain, older than the one here: refused"
        return 1
    fi
}

# An installation of the time before versions had folders.
if [ -d "$prefix/root" ] && [ ! -L "$prefix/root" ]; then
    name=$(name_of "$prefix/debs/SHA256SUMS")
    mkdir -p "$prefix/versions/$name"
    cp "$prefix/debs/SHA256SUMS" "$prefix/version" "$prefix/versions/$name/"
    sed "s|$prefix/root|$prefix/versions/$name/root|g" "$prefix/asterisk" >"$prefix/versions/$name/asterisk"
    chmod +x "$prefix/versions/$name/asterisk"
    mv "$prefix/root" "$prefix/versions/$name/root"
    switch "$name"
    for entry in root asterisk version; do ln -sfn "current/$entry" "$prefix/$entry"; done
    present=$name
fi

if [ "${2:-}" = --which ]; then
    echo "$present"
    exit 0
fi

# The names of the packages' files, as this mirror has them now, into PREFIX/debs/wanted; then the files themselves.
download() {
    printf 'deb [arch=%s signed-by=%s] %s %s main\n' "$architecture" "$keyring" "$1" "$2" >"$work/sources.list"
    rm -rf "$work/lists"
    mkdir -p "$work/lists/partial"
    apt update >&2 || return 1
    is_fresh || return 1
    # shellcheck disable=SC2086  # a list of words on purpose
    apt install --print-uris -o Dir::Cache::archives="$work/none" $packages >"$work/uris" || return 1
    sed -n "s/^'[^']*' \([^ ]*\.deb\) .*/\1/p" "$work/uris" >"$work/wanted"
    is_wanted "$(version_in "$work/wanted")" || return 1
    [ "$(name_of "$work/wanted")" != "$present" ] || return 0
    say "$(wc -l <"$work/wanted") packages of $2, some 80 MB once; those that are here already are kept"
    # shellcheck disable=SC2086
    apt install --download-only $packages >&2 || return 1
    # What apt has verified is written down, and nothing older stays.
    (cd "$prefix/debs" && xargs sha256sum <"$work/wanted") >"$work/SHA256SUMS" || return 1
    mv "$work/SHA256SUMS" "$prefix/debs/SHA256SUMS"
    for file in "$prefix"/debs/*.deb; do
        grep -qxF "${file##*/}" "$work/wanted" || rm -f "$file"
    done
}

tried=""
from=""
mirrors="${OTKLIK_DEBIAN_MIRROR:-} $(apt-get indextargets --no-release-info --format '$(CREATED_BY) $(REPO_URI)' |
    awk '$1 == "Packages" && $2 !~ /security/ && !seen[$2]++ {print $2}')"
for mirror in $mirrors; do
    for suite in $suites; do
        say "asking ${mirror%/} for $suite"
        if download "${mirror%/}" "$suite"; then
            from=$suite
            break 2
        fi
        tried="$tried
    ${mirror%/} $suite"
    done
done
if [ -z "$from" ]; then
    if [ -s "$prefix/debs/SHA256SUMS" ] && (cd "$prefix/debs" && sha256sum --quiet --check SHA256SUMS >&2); then
        say "no mirror could be used; taking the packages of an earlier run from $prefix/debs"
    else
        fail "no mirror could be used and no earlier download is complete. Tried (reasons above):${tried:-
    nothing: apt knows no mirror here}
Name another mirror with OTKLIK_DEBIAN_MIRROR=… and start again; what was downloaded is kept."
    fi
fi

if [ -n "$from" ]; then name=$(name_of "$work/wanted"); else name=$(name_of "$prefix/debs/SHA256SUMS"); fi
note_index() { [ -z "$from" ] || printf '%s\n' "$at" >"$prefix/index-date"; }
if [ -n "$present" ] && [ "$name" = "$present" ] && [ -x "$prefix/asterisk" ]; then
    note_index
    say "$(cat "$prefix/version") is the newest there"
    exit 0
fi
is_wanted "$(version_in "$prefix/debs/SHA256SUMS")" || fail "the packages of an earlier run are too old"

say "unpacking into $prefix/versions/$name"
mkdir -p "$prefix/versions"
whole=$prefix/versions/.fresh
fresh=$whole/root
rm -rf "$whole"
for folder in bin sbin lib lib64; do  # links first, so that all packages unpack below usr
    mkdir -p "$fresh/usr/$folder"
    ln -s "usr/$folder" "$fresh/$folder"
done
while read -r _ file; do
    dpkg-deb --fsys-tarfile "$prefix/debs/$file" >"$work/files.tar"
    tar -x --keep-directory-symlink --no-same-owner -f "$work/files.tar" -C "$fresh"
done <"$prefix/debs/SHA256SUMS"
loader=$(cd "$fresh" && find lib64/ lib/ -maxdepth 2 -name 'ld-linux*.so.*' | head -n 1)
libraries=$(cd "$fresh" && find usr/lib -maxdepth 1 -type d -name '*-linux-gnu*' | head -n 1)
[ -n "$loader" ] && [ -n "$libraries" ] && [ -x "$fresh/usr/sbin/asterisk" ] ||
    fail "the packages hold no Asterisk that can be started; please report this with the lines above"

launcher() {
    printf '#!/bin/sh\nexec "%s" --library-path "%s:%s/jack" "%s" "$@"\n' \
        "$1/$loader" "$1/$libraries" "$1/$libraries" "$1/usr/sbin/asterisk"
}
launcher "$fresh" >"$work/asterisk"
chmod +x "$work/asterisk"
version=$("$work/asterisk" -V) || fail "the unpacked Asterisk does not start"
printf '%s\n' "$version" >"$whole/version"
cp "$prefix/debs/SHA256SUMS" "$whole/SHA256SUMS"
launcher "$prefix/versions/$name/root" >"$whole/asterisk"
chmod +x "$whole/asterisk"
[ -z "$present" ] || printf '%s\n' "$present" >"$whole/before"
rm -rf "$prefix/versions/$name"
mv "$whole" "$prefix/versions/$name"
switch "$name"  # from here on it is the one
for entry in root version asterisk; do ln -sfn "current/$entry" "$prefix/$entry"; done
note_index
for folder in "$prefix"/versions/*; do  # this one and the one before are enough
    case ${folder##*/} in "$name" | "$present") ;; *) rm -rf "$folder" ;; esac
done
case $version in
    "Asterisk 22."*) say "$version is ready" ;;
    *) say "$version is ready; note that Otklik is proved on Asterisk 22 LTS" ;;
esac
