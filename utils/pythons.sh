#!/usr/bin/env bash
# Run the tests of sidelit under the Pythons that Debian has: `utils/pythons.sh FOLDER`.
# Needs root and debootstrap. FOLDER takes five gigabytes, and the next run is shorter.
#
# Python 3.12 is missing: no release of Debian came with it, and PyPI has no Pythons.
set -euo pipefail

folder=$(realpath "${1:?usage: utils/pythons.sh FOLDER}")
cd "$(dirname "$0")/.."
test "$(id -u)" = 0 || { echo "utils/pythons.sh needs root, for debootstrap and chroot" >&2; exit 2; }

# A shell in the Debian at $1, where /proc and /dev are there for as long as it runs.
inside() {
    unshare --mount sh -c 'mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" &&
        exec chroot "$1" /bin/sh -ec "$2"' - "$1" "$2"
}

failed=
for release in bookworm sid; do
    root=$folder/$release
    versions=$(test "$release" = sid && echo 3.13 3.14 3.15 || echo 3.11)
    test -e "$root/ready" || {
        debootstrap --variant=minbase "$release" "$root" >/dev/null
        inside "$root" "apt-get install --quiet --quiet --yes --no-install-recommends \
            ca-certificates git $(printf 'python%s-venv ' $versions) >/dev/null"
        touch "$root/ready"
    }
    # The certificates of this machine: it may have one of its own for PyPI and npm.
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    rm -rf "$root/repository"
    mkdir "$root/repository"
    git ls-files -z --cached --others --exclude-standard |
        tar --create --null --files-from=- | tar --extract --directory "$root/repository"
    for version in $versions; do
        # The versions of `make test`, but no PyTorch: tests that need it are skipped.
        inside "$root" "
            cd /repository
            test -d /v$version || python$version -m venv /v$version
            export PATH=/v$version/bin:\$PATH PYTHONPATH=utils:.
            sed -n '/^[a-z].*==/s/ *\\\\$//p' requirements/docs.txt requirements/test.txt \
                requirements/node.txt | sort -u >pins.txt
            pip install --quiet --constraint pins.txt --requirement requirements/docs.in \
                --requirement requirements/node.in build hypothesis jsonschema nbformat numpy \
                pytest pytest-xdist setuptools uv
            test -d node_modules || npm ci --loglevel=error >/dev/null
            python --version
            python -m pytest -q -n 2 -p no:cacheprovider tests/sidelit
        " || failed+=" $version"
    done
done
test -z "$failed" || { echo "failed under Python$failed"; exit 1; }
