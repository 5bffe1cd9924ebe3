#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# spdx.sh ROOT: each source file says its licence, in the first three lines: GPL-2.0-only what is
# loaded into the kernel (bpf/ and *.bpf.c), LGPL-2.1-or-later all else.
set -eu
. "$(dirname "$0")/tap.sh"

# Source files under $1: by their names, and whatever begins with "#!".
source_files() {
        (cd "$1" && find . \( -name .git -o -name 'build*' -type d \) -prune -o -type f -print |
                sed 's,^\./,,' | sort | while IFS= read -r file; do
                case $file in
                *.[ch] | *.py | *.sh | *meson.build | meson_options.txt | Makefile | *.mk) echo "$file" ;;
                *) [ "$(head -c 2 "$file" | tr -d '\0')" = '#!' ] && echo "$file" || : ;;
                esac
        done)
}

without_licence() {
        bad=0
        for file in $(source_files "$1"); do
                case $file in
                bpf/*.[ch] | *.bpf.c) licence=GPL-2.0-only ;;
                *) licence=LGPL-2.1-or-later ;;
                esac
                head -n 3 "$1/$file" | grep -q "SPDX-License-Identifier: $licence\( \*/\)\?$" || {
                        echo "$file: wants SPDX-License-Identifier: $licence"
                        bad=1
                }
        done
        return $bad
}

# says EXPECTED FILE LINE: what is said of a tree with this file alone.
says() {
        rm -rf "$scratch"
        mkdir -p "$scratch/$(dirname "$2")"
        echo "$3" >"$scratch/$2"
        found=$(without_licence "$scratch") || :
        [ "$found" = "$1" ] || {
                echo "said: $found"
                return 1
        }
}

scratch=$(mktemp -d)/tree
trap 'rm -rf "${scratch%/tree}"' EXIT
lgpl=LGPL-2.1-or-later
gpl=GPL-2.0-only

tap_case 'a file without a licence is found' says "src/x.c: wants SPDX-License-Identifier: $lgpl" src/x.c 'int x;'
tap_case 'a script without one too' says "tools/x: wants SPDX-License-Identifier: $lgpl" tools/x '#!/bin/sh'
tap_case 'the wrong one is found' says "examples/x.bpf.c: wants SPDX-License-Identifier: $gpl" \
        examples/x.bpf.c "/* SPDX-License-Identifier: $lgpl */"
tap_case 'the right one is accepted' says '' bpf/x.c "/* SPDX-License-Identifier: $gpl */"
tap_case 'text needs none' says '' docs/x.md 'text'
tap_case 'every source file says its licence' without_licence "$1"
tap_end
