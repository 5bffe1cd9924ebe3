/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "client/channel.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/seqpacket.h"
#include "wire/message.h"

/* Grants that one thread uses in turn; beyond that the longest unused channel is made anew. */
#define CHANNELS_MAX 8

struct channels {
        uint64_t process;                 /* process_mark() of whoever made them */
        struct channel all[CHANNELS_MAX]; /* the last used first */
        size_t n;
        uint64_t serial;
        _Alignas(8)
                uint8_t buffer[WIRE_MESSAGE_MAX]; /* as large as mmap() serves: only what is used is there */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_result;
static pthread_key_t channels_key;
static _Atomic uint64_t *wiped_on_fork;

static int socket_cookie(int fd, uint64_t *ret_cookie) {
        socklen_t size = sizeof(*ret_cookie);

        return getsockopt(fd, SOL_SOCKET, SO_COOKIE, ret_cookie, &size) < 0 ? -errno : 0;
}

static bool channel_is_ours(const struct channel *c) {
        uint64_t cookie;

        return socket_cookie(c->socket, &cookie) == 0 && cookie == c->cookie;
}

static void channel_close(struct channel *c) {
        if (channel_is_ours(c))
                fd_close(c->socket);
}

static void channels_free(void *p) {
        struct channels *set = p;

        for (size_t i = 0; i < set->n; i++)
                channel_close(&set->all[i]);
        free(set);
}

static void initialize(void) {
        void *page = mmap(/* addr= */ NULL, sizeof(*wiped_on_fork), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, /* fd= */ -1, /* offset= */ 0);

        if (page == MAP_FAILED || madvise(page, sizeof(*wiped_on_fork), MADV_WIPEONFORK) < 0) {
                once_result = -errno;
                return;
        }
        wiped_on_fork = page;
        once_result = -pthread_key_create(&channels_key, channels_free);
}

/* A number that a process shares with no ancestor. */
static uint64_t process_mark(void) {
        static _Atomic uint64_t last;
        uint64_t mark = atomic_load(wiped_on_fork);

        if (mark == 0) {
                uint64_t next = atomic_fetch_add(&last, 1) + 1;

                /* Another thread may have been faster: then `mark` is what it has set. */
                if (atomic_compare_exchange_strong(wiped_on_fork, &mark, next))
                        mark = next;
        }
        return mark;
}

static int channels_new(struct channels **ret_set) {
        struct channels *set = calloc(1, sizeof(*set));

        if (!set)
                return -ENOMEM;
        set->process = process_mark();
        if (pthread_setspecific(channels_key, set) != 0) {
                free(set);
                return -ENOMEM;
        }
        *ret_set = set;
        return 0;
}

static int channels_get(struct channels **ret_set) {
        struct channels *set;

        pthread_once(&once, initialize);
        if (once_result < 0)
                return once_result;
        set = pthread_getspecific(channels_key);
        if (!set)
                return channels_new(ret_set);
        if (set->process != process_mark()) {
                for (size_t i = 0; i < set->n; i++)
                        channel_close(&set->all[i]);
                set->n = 0;
                set->process = process_mark();
        }
        *ret_set = set;
        return 0;
}

static void channels_remove(struct channels *set, size_t i) {
        channel_close(&set->all[i]);
        set->n--;
        memmove(&set->all[i], &set->all[i + 1], (set->n - i) * sizeof(set->all[0]));
}

static struct channel *channels_insert(struct channels *set, struct channel c) {
        if (set->n == CHANNELS_MAX)
                channels_remove(set, CHANNELS_MAX - 1);
        memmove(&set->all[1], &set->all[0], set->n * sizeof(set->all[0]));
        set->n++;
        set->all[0] = c;
        return &set->all[0];
}

/* Finds the channel of this grant, brings it to the front. */
static struct channel *channels_find(struct channels *set, uint64_t grant) {
        for (size_t i = 0; i < set->n; i++) {
                struct channel c = set->all[i];

                if (c.grant != grant)
                        continue;
                if (!channel_is_ours(&c)) {
                        channels_remove(set, i);
                        return NULL;
                }
                memmove(&set->all[1], &set->all[0], i * sizeof(set->all[0]));
                set->all[0] = c;
                return &set->all[0];
        }
        return NULL;
}

static int channel_connect(int grant_fd, uint64_t grant, struct channel *ret_channel) {
        _cleanup_close_ int ours = -1, theirs = -1;
        struct channel c = {.grant = grant};
        struct wire_header header;
        int pair[2], r;

        r = channel_check_grant(grant_fd);
        if (r < 0)
                return r;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return -errno;
        ours = pair[0];
        theirs = pair[1];
        r = socket_cookie(ours, &c.cookie);
        if (r < 0)
                return r;
        wire_header_init(&header, WIRE_CONNECT, /* serial= */ 0, /* payload_size= */ 0, /* n_fds= */ 1);
        r = seqpacket_send(grant_fd, &header, sizeof(header), /* payload= */ NULL, /* payload_size= */ 0,
                           /* sealed= */ false, &theirs, 1);
        if (r < 0)
                return r == -ECONNRESET ? -EPIPE : r;
        c.socket = take_fd(&ours);
        *ret_channel = c;
        return 0;
}

int channel_open(int grant_fd, struct channel **ret_channel) {
        struct channels *set = NULL;
        struct channel *found, made = {};
        uint64_t grant;
        int r;

        r = socket_cookie(grant_fd, &grant);
        if (r < 0)
                return r;
        r = channels_get(&set);
        if (r < 0)
                return r;
        found = channels_find(set, grant);
        if (found) {
                *ret_channel = found;
                return 1;
        }
        r = channel_connect(grant_fd, grant, &made);
        if (r < 0)
                return r;
        *ret_channel = channels_insert(set, made);
        return 0;
}

void channel_drop(struct channel *c) {
        struct channels *set = pthread_getspecific(channels_key);

        channels_remove(set, (size_t)(c - set->all));
}

void *channel_buffer(void) {
        struct channels *set = pthread_getspecific(channels_key);

        return set->buffer;
}

uint64_t channel_serial(void) {
        struct channels *set = pthread_getspecific(channels_key);

        return ++set->serial;
}

int channel_check_grant(int grant_fd) {
        int domain, type;
        socklen_t size = sizeof(int);

        if (getsockopt(grant_fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 ||
            getsockopt(grant_fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
                return -errno;
        return domain == AF_UNIX && type == SOCK_SEQPACKET ? 0 : -EPROTOTYPE;
}
