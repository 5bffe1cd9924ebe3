#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# docs.sh ROOT: the documents say what the program does. Each comparison takes one list from the
# code (or from bpfgrant itself, $BPFGRANT) and one from a document; they must be the same, and not
# empty. Each is first tried with a word too many.
set -eu
. "$(dirname "$0")/tap.sh"
: "${BPFGRANT:?names the program to test}"
cd "$1"

not() {
        ! "$@"
}

# same FROM TO: whether two commands print the same words; says which are missing where.
same() {
        local from to
        from=$($1 | sort -u) to=$($2 | sort -u)
        [ -n "$from" ] && [ -n "$to" ] || {
                echo "nothing found by: $1, or by: $2"
                return 1
        }
        [ "$from" = "$to" ] || {
                diff <(echo "$from") <(echo "$to") | sed -n "s/^< /not in $2: /p; s/^> /not in $1: /p"
                return 1
        }
}

# differs FROM TO: that `same` sees a word that only one of them has.
differs() {
        one_more() {
                $what
                echo surplus
        }
        what=$1
        ! same one_more "$2" >/dev/null || return 1
        what=$2
        ! same "$1" one_more >/dev/null
}

# alike NAME FROM TO
alike() {
        tap_case "$1: a difference is found" differs "$2" "$3"
        tap_case "$1" same "$2" "$3"
}

# --- verbs and options ----------------------------------------------------------------------------
# Words are "verb", or "verb --option".
verbs() {
        "$BPFGRANT" --help | sed -n '/^Usage/,/VERB --help/s/^  \([a-z]\+\)  .*/\1/p'
}

help_words() {
        local verb
        for verb in $(verbs); do
                echo "$verb"
                # Every verb takes these two; no help needs to say so.
                printf '%s\n' "$verb -h" "$verb --help"
                "$BPFGRANT" "$verb" --help | sed -n 's/^ \{2,6\}\(-.*\)/\1/p' | sed 's/   *.*//' |
                        grep -o -- '-\(-[a-z-]\+\|[a-z]\)' | sed "s/^/$verb /"
        done
}

man_words() {
        awk '
                /^\.S[hs]/ { verb = "" }
                /^\.Ss bpfgrant / { verb = $3; print verb }
                verb && /^\.It Fl/ {
                        for (i = 2; i < NF; i++)
                                if ($i == "Fl")
                                        print verb " -" $(i + 1)
                }' docs/bpfgrant.1
}

# What bash offers behind these words.
complete_words() {
        bash -c '
                . packaging/bpfgrant.bash-completion
                compopt() { :; }
                COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
                _bpfgrant
                printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

completion_words() {
        local verb
        for verb in $(complete_words bpfgrant '' | grep -v '^-'); do
                echo "$verb"
                complete_words bpfgrant "$verb" - | sed "s/=$//; s/^/$verb /"
        done
}

deliveries() {
        "$BPFGRANT" run --grant=/dev/null --via=? -- true 2>&1 | sed -n 's/.*there are \(.*\) and \(.*\)$/\1\n\2/p'
}

completed_deliveries() {
        complete_words bpfgrant run --via = ''
}

man_deliveries() {
        awk '/^\.It Fl -via/ { on = 1 } on && /^\.It Cm/ { print $3 } /^\.It Fl r/ { on = 0 }' docs/bpfgrant.1
}

man_is_sound() {
        # That pages it names are not in this machine's index is not its fault.
        ! mandoc -T lint -W warning docs/bpfgrant.1 2>&1 | grep -v 'mandoc.db'
}

man_is_complete() {
        local word
        for word in BPFGRANT_FD SUDO_UID 125 126 127; do
                grep -q "^\.It.*\<$word\>" docs/bpfgrant.1 || {
                        echo "docs/bpfgrant.1 has no item $word"
                        return 1
                }
        done
}

alike 'verbs and options: --help and the man page' help_words man_words
alike 'verbs and options: --help and the completion' help_words completion_words
alike 'deliveries: the program and the man page' deliveries man_deliveries
alike 'deliveries: the program and the completion' deliveries completed_deliveries
tap_case 'the man page has environment and exit statuses' man_is_complete
if command -v mandoc >/dev/null; then
        tap_case 'the man page is sound' man_is_sound
else
        tap_skip 'the man page is sound' 'mandoc is not installed'
fi

# --- verdicts -------------------------------------------------------------------------------------
verdicts() {
        sed -n 's/^ *\[DECIDE_[A-Z_]*\] = {"\([a-z-]*\)".*/\1/p' src/grant/decide.c
        # BIND_OK is no refusal, and is recorded as "allow".
        sed -n '/\[BIND_OK\]/d; s/^ *\[BIND_[A-Z_]*\] = "\([a-z-]*\)".*/\1/p' src/bind/explain.c
        grep -rhoE '(end_with_errno\(r, |verdict = )"[a-z-]+"' src/deputy | sed 's/.*"\(.*\)"/\1/'
}

explained_verdicts() {
        sed -n 's/^### `\([a-z-]*\)`$/\1/p' docs/refusals.md
}

alike 'verdicts: the code and docs/refusals.md' verdicts explained_verdicts

# --- grant files ----------------------------------------------------------------------------------
# Words are "section key".
keys() {
        sed -n 's/^ *\[KEY_[A-Z_]*\] = {SECTION_\([A-Z]*\), "\([a-z-]*\)"},$/\1 \2/p' src/grant/policy.c |
                awk '{ print tolower($1), $2 }'
}

explained_keys() {
        awk '
                /^## / { section = /^## \[/ ? substr($2, 2, length($2) - 2) : "" }
                section && /^### `/ { gsub(/`/, ""); print section, $2 }' docs/grant-files.md
}

# Words are "kind command", as the table of bpf(2) has it.
commands() {
        tr -d '\n' <src/abi/table.c | sed 's/ROW(/\n&/g' |
                sed -n 's/^ROW([A-Z_]*, "\([a-z_]*\)", [^,]*, *\([A-Z_]*\).*/\2 \1/p' |
                sed 's/_FD / /; s/^CAPTURED_MORE/more/; s/^CAPTURED/decided/; s/^UNCAPTURED/not-carried/; s/^NATIVE/native/'
}

explained_commands() {
        awk -F '|' '
                /^### / { on = /`commands`/ }
                !on || !/^\| / { next }
                $2 ~ /decided by/ { kind = "decided" }
                $2 ~ /with more/ { kind = "more" }
                $2 ~ /not carried/ { kind = "not-carried" }
                $2 ~ /native:/ { kind = "native" }
                kind {
                        n = split($3, word, "`")
                        for (i = 2; i <= n; i += 2)
                                print kind, word[i]
                }' docs/grant-files.md
}

# Words are "type refused" or "type confined", whatever the attach type.
reach_rows() {
        sed -n '/^static const struct bind_rule rules/,/^};/{
                s/^ *REFUSED(\([A-Z0-9_]*\), .*/\1 refused/p
                s/^ *{PROG_TYPE_\([A-Z0-9_]*\), .*BIND_REFUSED.*/\1 refused/p
                s/^ *BY_[A-Z_]*(\([A-Z0-9_]*\), .*/\1 confined/p
        }' src/bind/rules.c | tr '[:upper:]' '[:lower:]'
}

explained_reach_rows() {
        awk -F '|' '
                /^## / { on = /\[reach\]/ }
                /^### / { on = 0 }
                on && /confined by \| how/ { kind = "confined" }
                on && /^\| program type \| because/ { kind = "refused" }
                on && kind && /^\| `/ {
                        sub(/ for .*/, "", $2)
                        n = split($2, word, "`")
                        for (i = 2; i <= n; i += 2)
                                print word[i], kind
                }' docs/grant-files.md
}

# The grant file that stands in a document.
shown_grant() {
        sed -n '/^```ini/,/^```/{/^```/d; p}' "$1"
}

# shows_right_grant COMMAND: whether what it prints is a grant file without a mistake.
shows_right_grant() {
        "$@" | "$BPFGRANT" check --quiet -
}

is_the_example() {
        diff <(shown_grant README.md) <(grep -v '^#' examples/counter.grant | sed '/./,$!d')
}

alike 'keys: the code and docs/grant-files.md' keys explained_keys
alike 'commands: the table and docs/grant-files.md' commands explained_commands
alike 'reach: the table and docs/grant-files.md' reach_rows explained_reach_rows

tap_case 'a mistake in a grant file is found' not shows_right_grant echo '[grant]'
tap_case 'the grant file of docs/grant-files.md is right' shows_right_grant shown_grant docs/grant-files.md
tap_case 'the grant file of README.md is the example' is_the_example

# --- the deputy -----------------------------------------------------------------------------------
allowed_calls() {
        sed -n '/^static const int allowed/,/^};/s/.*SCMP_SYS(\([a-z0-9_]*\)).*/\1/p' src/deputy/confine.c
        sed -n '/^static int allow_/,/^}/s/.*SCMP_SYS(\([a-z0-9_]*\)).*/\1/p' src/deputy/confine.c
}

explained_calls() {
        awk -F '|' '
                /^\| for \| system calls/ { on = 1; next }
                on && !/^\|/ { on = 0 }
                on {
                        gsub(/`obj_get_info_by_fd`|`\/proc`/, "", $3)
                        n = split($3, word, "`")
                        for (i = 2; i <= n; i += 2) {
                                sub(/\(.*/, "", word[i])
                                print word[i]
                        }
                }' docs/architecture.md
}

alike 'system calls of the deputy: the code and docs/architecture.md' allowed_calls explained_calls

# --- what documents refer to ----------------------------------------------------------------------
# Headings of a document as they are linked to.
anchors() {
        sed -n '/^```/,/^```/d; s/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' |
                sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}

# wrong_links DOCUMENT...: relative links that lead nowhere.
wrong_links() {
        local document link target
        for document in "$@"; do
                for link in $(grep -o '](\([^)]*\))' "$document" | sed 's/^](//; s/)$//'); do
                        case $link in
                        http:* | https:*) continue ;;
                        '#'*) target=$document ;;
                        *) target=$(dirname "$document")/${link%%#*} ;;
                        esac
                        [ -e "$target" ] || {
                                echo "$document: $link: there is no such file"
                                continue
                        }
                        case $link in
                        *'#'*) anchors "$target" | grep -qx -- "${link#*#}" ||
                                echo "$document: $link: there is no such heading" ;;
                        esac
                done
        done
}

# wrong_names DOCUMENT...: paths and tests in `backticks` that are not there.
wrong_names() {
        local document name
        for document in "$@"; do
                for name in $(grep -oE '`(src|tests|include|examples|docs|demo|packaging|tools)/[^ `]*`' "$document" |
                        tr -d '`' | grep -v NAME); do
                        # A pattern stands for at least one file.
                        ls -d $name >/dev/null 2>&1 || echo "$document: $name: there is no such file"
                done
                for name in $(grep -oE '`test_[a-z_]+`' "$document" | tr -d '`'); do
                        grep -rqw "$name" tests --include='*.c' || echo "$document: $name: there is no such test"
                done
        done
}

# finds TEXT COMMAND WORD: that COMMAND says something of a document with this text, and names WORD.
finds() {
        printf '%s\n' "$1" >"$scratch/document.md"
        "$2" "$scratch/document.md" | grep -qF -- "$3"
}

finds_nothing() {
        local said
        said=$("$@")
        [ -z "$said" ] || {
                echo "$said"
                return 1
        }
}

is_short() {
        [ "$(wc -l <"$1")" -lt 120 ] || {
                wc -l "$1"
                return 1
        }
}

# A run in README.md begins "$ sudo build/bpfgrant …"; its verbs and options are real.
readme_options() {
        grep -o 'bpfgrant \(run\|check\) [^|]*' README.md | sed 's/ -- .*//' | grep -oE '(run|check)| --?[a-z-]+' |
                awk '/^ / { print verb $0; next } { verb = $0; print }'
}

readme_is_real() {
        local known word
        known=$(help_words)
        [ -n "$(readme_options)" ] || return 1
        readme_options | while read -r word; do
                echo "$known" | grep -qxF -- "$word" || {
                        echo "README.md: $word"
                        return 1
                }
        done
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
documents="README.md $(ls docs/*.md)"

tap_case 'a link to no file is found' finds '[x](nowhere.md)' wrong_links nowhere.md
tap_case 'a link to no heading is found' finds '[x](#nowhere)' wrong_links '#nowhere'
tap_case 'a link to a heading is right' \
        not finds "$(printf '# `Some` [where]\n[x](#some-where)')" wrong_links where
tap_case 'links lead somewhere' finds_nothing wrong_links $documents
tap_case 'a path to no file is found' finds 'see `src/nowhere.c`' wrong_names src/nowhere.c
tap_case 'a test that is not there is found' finds 'see `test_nowhere`' wrong_names test_nowhere
tap_case 'paths and tests are there' finds_nothing wrong_names $documents
yes | head -n 120 >"$scratch/long" || :
tap_case 'a long README is found' not is_short "$scratch/long"
tap_case 'README.md is short' is_short README.md
tap_case 'README.md shows options that there are' readme_is_real
tap_end
