#!/bin/sh
# Images by digest: what was tried is what runs, whatever a tag means by then.
#   docker/pin-images.sh           asks the registry for the digest of every image and writes it behind its tag
#   docker/pin-images.sh --check   names the images without one; exit code 1 when there are any
# Wants docker with buildx, and the network. Run it again to take up newer images, and read the difference.
set -eu
cd "$(dirname "$0")"
files="compose.yaml app.Dockerfile asterisk.Dockerfile"

# Lines that name an image from elsewhere: our own are built here.
# shellcheck disable=SC2086  # a list of words on purpose
images() { sed -n 's/^FROM \([^ ]*\).*/\1/p; s/^ *image: \([^ ]*\) *$/\1/p' $files | grep -v '^otklik/' | sort -u; }

if [ "${1:-}" = --check ]; then
    loose=$(images | grep -v '@sha256:[0-9a-f]\{64\}$' || true)
    [ -n "$loose" ] || exit 0
    printf 'without a digest, so that a tag decides what runs: %s\n' "$(echo $loose)" >&2
    echo "docker/pin-images.sh writes them" >&2
    exit 1
fi
for image in $(images); do
    tag=${image%@*}
    digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$tag")
    case $digest in
        sha256:*) ;;
        *) echo "$tag: the registry gave no digest: $digest" >&2; exit 1 ;;
    esac
    for file in $files; do
        awk -v old="$image" -v new="$tag@$digest" '{for (i = 1; i <= NF; i++) if ($i == old) {at = index($0, old)
            $0 = substr($0, 1, at - 1) new substr($0, at + length(old))}} {print}' "$file" >"$file.fresh"
        cat "$file.fresh" >"$file"
        rm "$file.fresh"
    done
    echo "$tag@$digest"
done
