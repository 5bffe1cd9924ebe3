#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# format.sh ROOT: the C source is laid out as .clang-format has it; one case a folder.
# format.sh --fix lays it out so.
set -eu
. "$(dirname "$0")/tap.sh"

case $1 in
--fix) root=$(dirname "$0")/.. ;;
*) root=$1 ;;
esac
cd "$root"
folders=$(find src include bpf tests bench examples demo -name '*.[ch]' 2>/dev/null | xargs -rn 1 dirname | sort -u)

if [ "$1" = --fix ]; then
        for folder in $folders; do
                clang-format -i "$folder"/*.[ch]
        done
        exit 0
fi

formatted() {
        bad=0
        for file in "$@"; do
                clang-format --dry-run --Werror "$file" 2>/dev/null || {
                        echo "$file: make format"
                        bad=1
                }
        done
        return $bad
}

not() {
        ! "$@"
}

if ! command -v clang-format >/dev/null; then
        tap_skip 'layout' 'clang-format is not installed: make setup'
        tap_end
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp .clang-format "$scratch"
echo 'int  x;' >"$scratch/x.c"
tap_case 'a wrong layout is found' not formatted "$scratch/x.c"
for folder in $folders; do
        tap_case "$folder/" formatted $(find "$folder" -maxdepth 1 -name '*.[ch]')
done
tap_end
