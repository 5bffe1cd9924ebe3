/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The verdicts in words: what was refused, why, and what could be changed.
 */

#include "bind/bind.h"

#include "base/macro.h"
#include "bind/rules.h"

static const char *const names[] = {
        [BIND_OK] = "bind-ok",
        [BIND_E_TYPE] = "bind-type",
        [BIND_E_NO_CGROUP] = "bind-no-cgroup",
        [BIND_E_NO_INTERFACE] = "bind-no-interface",
        [BIND_E_INFO] = "bind-info",
        [BIND_E_TOO_LONG] = "bind-too-long",
        [BIND_E_JUMP] = "bind-jump",
        [BIND_E_CONTEXT] = "bind-context",
};
_Static_assert(ARRAY_SIZE(names) == N_BIND_VERDICTS, "a name for each verdict");

const char *bind_verdict_name(enum bind_verdict v) {
        return (unsigned)v < ARRAY_SIZE(names) ? names[v] : "bind-unknown";
}

void bind_explain(enum bind_verdict v, const char *type_name, uint32_t prog_type, struct text *out) {
        switch (v) {
        case BIND_OK:
                text_append(out, "a %s program acts only within the reach", type_name);
                break;
        case BIND_E_TYPE:
                text_append(out,
                            "a %s program cannot be confined to a reach, because %s: "
                            "grant it without [reach], or not at all",
                            type_name, bind_refusal(prog_type));
                break;
        case BIND_E_NO_CGROUP:
                text_append(out,
                            "a %s program is confined by cgroup, and [reach] names none: add \"cgroup\"",
                            type_name);
                break;
        case BIND_E_NO_INTERFACE:
                text_append(
                        out,
                        "a %s program is confined by interface, and [reach] names none: add \"interface\"",
                        type_name);
                break;
        case BIND_E_INFO:
                text_append(out,
                            "the %s program has no instructions, or its function, line or relocation infos "
                            "are too short, out of order or beyond its end: build it again",
                            type_name);
                break;
        case BIND_E_TOO_LONG:
                text_append(out,
                            "the %s program leaves no room for the instructions that confine it: "
                            "make it shorter",
                            type_name);
                break;
        case BIND_E_JUMP:
                text_append(out,
                            "the %s program has a jump, call or constant that leads out of it, "
                            "calls its own entry, or is of an unknown form: build it again",
                            type_name);
                break;
        case BIND_E_CONTEXT:
                text_append(out,
                            "the %s program decides, and is confined only where it runs for its own task: "
                            "make it sleepable (\"lsm.s/\", \"fmod_ret.s/\"), let it override no return "
                            "values, or grant it without [reach]",
                            type_name);
                break;
        case N_BIND_VERDICTS:
                break;
        }
}
