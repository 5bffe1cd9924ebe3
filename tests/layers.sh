#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# layers.sh ROOT: includes point down only. Each folder of src/ is a layer and includes itself and
# those below it; the pure ones include no header through which a system call could be made; the
# folders are built in the same order. Every rule is first tried on a file that breaks it.
set -eu
. "$(dirname "$0")/tap.sh"

# Lowest first. filter and cgroupfs stand side by side and do not see one another.
layers='base grant abi kernel bind wire client deputy filter cgroupfs daemon cli'
# Tested and fuzzed as functions: what is named here is all that they may have of the system.
pure='grant abi bind wire'
pure_headers='assert byteswap ctype endian errno inttypes limits stdalign stdarg stdbool stddef stdint
        stdio stdlib string strings sys/types'

# Prints each include under $1/src that breaks a rule.
wrong_includes() {
        (cd "$1" && find src -name '*.[ch]' | sort | xargs -r awk \
                -v layers="$layers" -v pure="$pure" -v pure_headers="$pure_headers" '
                function wrong(why) {
                        printf "%s:%d: %s: %s\n", FILENAME, FNR, $0, why
                        bad = 1
                }
                BEGIN {
                        n = split(layers, name)
                        for (i = 1; i <= n; i++)
                                rank[name[i]] = i
                        rank["cgroupfs"] = rank["filter"]
                        n = split(pure, name)
                        for (i = 1; i <= n; i++)
                                is_pure[name[i]] = 1
                        n = split(pure_headers, name)
                        for (i = 1; i <= n; i++)
                                may_pure[name[i] ".h"] = 1
                }
                FNR == 1 {
                        split(FILENAME, path, "/")
                        own = path[2]
                        if (!(own in rank))
                                wrong("not in a folder that is a layer")
                }
                /^[ \t]*#[ \t]*include/ {
                        header = $0
                        sub(/^[ \t]*#[ \t]*include[ \t]*/, "", header)
                        quoted = header ~ /^"/
                        sub(/^["<]/, "", header)
                        sub(/[">].*/, "", header)
                        folder = header ~ /\// ? substr(header, 1, index(header, "/") - 1) : ""
                        if (header == "bpfgrant.h") {
                                if (rank[own] < rank["client"])
                                        wrong("the public header is for client and above")
                        } else if (folder in rank) {
                                if (rank[folder] > rank[own])
                                        wrong(folder " is above " own)
                                else if (rank[folder] == rank[own] && folder != own)
                                        wrong(folder " stands beside " own)
                        } else if (quoted)
                                wrong("name the layer: \"" own "/...\"")
                        else if (own in is_pure && folder != "linux" && !(header in may_pure) &&
                                 !(own == "abi" && header == "sys/mman.h"))
                                wrong(own " makes no system call")
                }
                END { exit bad }')
}

# Whether src/meson.build builds every folder, lowest first.
same_order() {
        built=$(sed -n "s/^subdir('\(.*\)')$/\1/p" "$1/src/meson.build")
        expected=
        for layer in $layers; do
                [ -e "$1/src/$layer/meson.build" ] && expected="$expected $layer"
        done
        [ "$(echo $built)" = "$(echo $expected)" ] || {
                echo "src/meson.build: builds:" $built
                echo "src/meson.build: layers:" $expected
                return 1
        }
}

# refuses FILE INCLUDE WHY: that the rules find INCLUDE in FILE, for that reason and no other.
refuses() {
        rm -rf "$scratch/src"
        mkdir -p "$scratch/$(dirname "$1")"
        echo "#include $2" >"$scratch/$1"
        found=$(wrong_includes "$scratch") && {
                echo "$1 may include $2"
                return 1
        }
        [ "$found" = "$1:1: #include $2: $3" ] || {
                echo "$found"
                return 1
        }
}

# accepts FILE INCLUDE: the twin.
accepts() {
        rm -rf "$scratch/src"
        mkdir -p "$scratch/$(dirname "$1")"
        echo "#include $2" >"$scratch/$1"
        wrong_includes "$scratch"
}

# builds FOLDER...: whether this order of folders, each of them there, is the right one.
builds() {
        rm -rf "$scratch/src"
        for folder in "$@"; do
                mkdir -p "$scratch/src/$folder"
                touch "$scratch/src/$folder/meson.build"
                echo "subdir('$folder')" >>"$scratch/src/meson.build"
        done
        same_order "$scratch"
}

not() {
        ! "$@"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

tap_case 'a higher layer is refused' refuses src/grant/x.h '"abi/call.h"' 'abi is above grant'
tap_case 'a lower layer is accepted' accepts src/abi/x.h '"grant/policy.h"'
tap_case 'the top is refused below it' refuses src/daemon/x.c '<cli/run.h>' 'cli is above daemon'
tap_case 'a sibling is refused' refuses src/filter/x.c '"cgroupfs/x.h"' 'cgroupfs stands beside filter'
tap_case 'and the other way round' refuses src/cgroupfs/x.c '"filter/x.h"' 'filter stands beside cgroupfs'
tap_case 'a header without its layer is refused' refuses src/wire/x.c '"x.h"' 'name the layer: "wire/..."'
tap_case 'the public header is refused below client' refuses src/wire/x.c '"bpfgrant.h"' \
        'the public header is for client and above'
tap_case 'the public header is accepted in client' accepts src/client/x.c '"bpfgrant.h"'
tap_case 'a system call is refused in grant' refuses src/grant/x.c '<unistd.h>' 'grant makes no system call'
tap_case 'however it is written' refuses src/bind/x.c '  <sys/ioctl.h> /* */' 'bind makes no system call'
tap_case 'mmap() is refused in wire' refuses src/wire/x.c '<sys/mman.h>' 'wire makes no system call'
tap_case 'mmap() is accepted in abi' accepts src/abi/x.c '<sys/mman.h>'
tap_case 'kernel types are accepted in abi' accepts src/abi/x.c '<linux/bpf.h>'
tap_case 'a system call is accepted in kernel' accepts src/kernel/x.c '<unistd.h>'
tap_case 'a folder that is no layer is refused' refuses src/util/x.c '<stdio.h>' 'not in a folder that is a layer'
tap_case 'the right order of building is accepted' builds base abi cli
tap_case 'another order is refused' not builds base cli abi

tap_case 'includes point down only' wrong_includes "$1"
tap_case 'src/meson.build builds the layers in their order' same_order "$1"
tap_end
