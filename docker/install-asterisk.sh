#!/bin/sh
# Unpacks Asterisk 22 LTS and all it needs into a folder of its own: no root, no chroot, nothing of the machine changes.
# usage: install-asterisk.sh PREFIX      then  PREFIX/asterisk  runs it;  PREFIX/root  has its files
#
# Debian 12 has no Asterisk 22, a later Debian release has: its packages come from the mirror that apt uses here, apt
# checks their signatures, and they run with their own C library. The packages stay in PREFIX/debs, so that a second
# run, or one without a network, downloads nothing. Every step can be interrupted and repeated.
#
# OTKLIK_DEBIAN_MIRROR   another mirror, tried first
# OTKLIK_DEBIAN_SUITES   releases to take Asterisk from, in this order (forky sid)
# OTKLIK_CHECK_VALID     true: refuse a mirror whose index is past its date; mirrors of releases in the making often are
set -eu
prefix=${1:?usage: install-asterisk.sh PREFIX}
suites=${OTKLIK_DEBIAN_SUITES:-forky sid}
packages="asterisk asterisk-core-sounds-en-gsm asterisk-core-sounds-ru-gsm"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf '[asterisk] %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

mkdir -p "$prefix/debs/partial"
prefix=$(cd "$prefix" && pwd)
architecture=$(dpkg --print-architecture)
work=$prefix/.apt
rm -rf "$work"
mkdir -p "$work/lists/partial" "$work/none/partial"
: >"$work/status"
trap 'rm -rf "$work" "$prefix/root.fresh"' EXIT
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

# The names of the packages' files, as this mirror has them now, into PREFIX/debs/wanted; then the files themselves.
download() {
    printf 'deb [arch=%s signed-by=%s] %s %s main\n' "$architecture" "$keyring" "$1" "$2" >"$work/sources.list"
    rm -rf "$work/lists"
    mkdir -p "$work/lists/partial"
    apt update >&2 || return 1
    # shellcheck disable=SC2086  # a list of words on purpose
    apt install --print-uris -o Dir::Cache::archives="$work/none" $packages >"$work/uris" || return 1
    sed -n "s/^'[^']*' \([^ ]*\.deb\) .*/\1/p" "$work/uris" >"$work/wanted"
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

say "unpacking into $prefix/root"
fresh=$prefix/root.fresh
rm -rf "$fresh"
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

rm -f "$prefix/asterisk"
rm -rf "$prefix/root"
mv "$fresh" "$prefix/root"
root=$prefix/root
cat >"$work/asterisk" <<EOF
#!/bin/sh
exec "$root/$loader" --library-path "$root/$libraries:$root/$libraries/jack" "$root/usr/sbin/asterisk" "\$@"
EOF
chmod +x "$work/asterisk"
version=$("$work/asterisk" -V) || fail "the unpacked Asterisk does not start"
printf '%s\n' "$version" >"$prefix/version"
mv "$work/asterisk" "$prefix/asterisk"  # last: who finds it finds all of it
case $version in
    "Asterisk 22."*) say "$version is ready" ;;
    *) say "$version is ready; note that Otklik is proved on Asterisk 22 LTS" ;;
esac
