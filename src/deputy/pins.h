/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A place to pin. A host's bpffs is closed to everybody but root (systemd
 * mounts it with mode 0700), so a grant may name a directory in it that the
 * holder shall have: `pins = /sys/fs/bpf/demo`. It is made if it is missing,
 * and in the program's own mount namespace it is the only thing below the
 * bpffs's mount point. What is pinned there stays when the program ends.
 */

#include "kernel/privilege.h"

/*
 * As root, before the program: makes sure that the directory is there, lies on
 * a bpffs, and is the holder's. A directory that exists and is somebody else's
 * is -EACCES, never taken over. When nothing is mounted at /sys/fs/bpf, a bpffs
 * is mounted there, as bpftool and libbpf do.
 */
int pins_prepare(const char *path, const struct identity *holder);

/* In the program's process, as root: a mount namespace in which `path` can be reached. */
int pins_mount(const char *path, const struct identity *holder);
