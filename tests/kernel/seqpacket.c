/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One message with descriptors, sent and received; and what a stranger may send
 * instead: payloads that could still change, that are shorter than they say or
 * not memory at all, more descriptors than announced, messages cut off. None of
 * it may leave a descriptor behind.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/descriptors.h"
#include "skip.h"

#include "base/fd.h"
#include "kernel/seqpacket.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

struct fixture {
        int ours, theirs;
        int n_open; /* descriptors of the process when it began */
        char buffer[256];
};

static int setup(void **state) {
        struct fixture *f = calloc(1, sizeof(*f));
        int pair[2];

        assert_non_null(f);
        f->n_open = count_descriptors();
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        f->ours = pair[0];
        f->theirs = pair[1];
        *state = f;
        return 0;
}

/* Every test ends with as many descriptors as it began with. */
static int teardown(void **state) {
        struct fixture *f = *state;
        int n;

        fd_close(f->ours);
        fd_close(f->theirs);
        n = count_descriptors() - f->n_open;
        free(f);
        return n;
}

static int sealed_memory(const void *data, size_t size, int seals) {
        int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, data, size), size);
        assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
        return fd;
}

static void inline_message(void **state) {
        struct fixture *f = *state;
        _cleanup_seqpacket_ struct seqpacket p;
        int fds[] = {f->ours, f->theirs};

        seqpacket_init(&p);
        assert_int_equal(seqpacket_send(f->theirs, "head", 4, "payload", 7, false, fds, 2), 0);
        assert_int_equal(seqpacket_receive(f->ours, f->buffer, sizeof(f->buffer), &p), 1);
        assert_int_equal(p.size, 11);
        assert_memory_equal(p.data, "headpayload", 11);
        assert_int_equal(p.fds.n, 2);
        for (size_t i = 0; i < 2; i++)
                assert_int_equal(fcntl(p.fds.fds[i], F_GETFD), FD_CLOEXEC);
        assert_int_equal(seqpacket_unpack(&p, 4, 7, false, 2), 0);
        assert_int_equal(p.payload_size, 7);
        assert_memory_equal(p.payload, "payload", 7);
}

static void sealed_message(void **state) {
        struct fixture *f = *state;
        _cleanup_seqpacket_ struct seqpacket p;
        const size_t size = 5 << 20;
        _cleanup_free_ char *large = malloc(size);
        int number;

        assert_non_null(large);
        memset(large, 'x', size);
        seqpacket_init(&p);
        assert_int_equal(seqpacket_send(f->theirs, "head", 4, large, size, false, NULL, 0), -EMSGSIZE);
        assert_int_equal(seqpacket_send(f->theirs, "head", 4, large, size, true, &f->ours, 1), 0);
        assert_int_equal(seqpacket_receive(f->ours, f->buffer, sizeof(f->buffer), &p), 1);
        assert_int_equal(p.size, 4);
        assert_int_equal(p.fds.n, 2);
        number = p.fds.fds[1];
        assert_int_equal(seqpacket_unpack(&p, 4, size, true, 1), 0);
        assert_int_equal(p.payload_size, size);
        assert_memory_equal(p.payload, large, size);
        assert_int_equal(p.fds.n, 1);
        assert_int_equal(p.fds.fds[0], number);
}

static void end_of_the_connection(void **state) {
        struct fixture *f = *state;
        _cleanup_seqpacket_ struct seqpacket p;

        seqpacket_init(&p);
        assert_int_equal(fcntl(f->ours, F_SETFL, O_NONBLOCK), 0);
        assert_int_equal(seqpacket_receive(f->ours, f->buffer, sizeof(f->buffer), &p), -EAGAIN);
        f->theirs = fd_close(f->theirs);
        assert_int_equal(seqpacket_receive(f->ours, f->buffer, sizeof(f->buffer), &p), 0);
        assert_int_equal(seqpacket_send(f->ours, "head", 4, NULL, 0, false, NULL, 0), -EPIPE);
}

/* All of it: the kernel calls a socket writable again when most of its buffer is free. */
static void *drain_later(void *arg) {
        struct fixture *f = arg;
        char byte;

        usleep(20000);
        while (recv(f->ours, &byte, 1, 0) == 1 && byte != 'y')
                ;
        return NULL;
}

/* Somebody who shares the socket has made it non-blocking: that is not an error of ours. */
static void a_full_socket_is_waited_for(void **state) {
        struct fixture *f = *state;
        pthread_t reader;

        assert_int_equal(fcntl(f->theirs, F_SETFL, O_NONBLOCK), 0);
        while (send(f->theirs, "x", 1, 0) == 1)
                ;
        assert_int_equal(errno, EAGAIN);
        assert_int_equal(pthread_create(&reader, NULL, drain_later, f), 0);
        assert_int_equal(seqpacket_send(f->theirs, "y", 1, NULL, 0, false, NULL, 0), 0);
        pthread_join(reader, NULL);
}

static void an_answer_is_not_waited_for(void **state) {
        struct fixture *f = *state;
        int n = 0, r;

        do
                r = seqpacket_send_now(f->theirs, "y", 1, NULL, 0, false, NULL, 0);
        while (r == 0 && ++n < 1000000);
        assert_int_equal(r, -EAGAIN);
        assert_true(n > 0);
}

static void what_is_cut_off_is_refused(void **state) {
        struct fixture *f = *state;
        struct seqpacket p;
        struct rlimit limit, few;

        seqpacket_init(&p);
        assert_int_equal(seqpacket_send(f->theirs, "head", 4, "payload", 7, false, &f->ours, 1), 0);
        assert_int_equal(seqpacket_receive(f->ours, f->buffer, 10, &p), -EMSGSIZE);
        seqpacket_deinit(&p);

        /* No room in our table of descriptors. */
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
        few = limit;
        assert_int_equal(seqpacket_send(f->theirs, "head", 4, NULL, 0, false, (int[]) {0, 1, 2}, 3), 0);
        few.rlim_cur = (rlim_t)(f->theirs > f->ours ? f->theirs : f->ours) + 2;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        assert_int_equal(seqpacket_receive(f->ours, f->buffer, sizeof(f->buffer), &p), -EMFILE);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        seqpacket_deinit(&p);
}

static void most_descriptors_are_owned(void **state) {
        struct fixture *f = *state;
        struct seqpacket p;
        int fds[SEQPACKET_FDS_MAX];

        for (size_t i = 0; i < SEQPACKET_FDS_MAX; i++)
                fds[i] = f->ours;
        for (size_t n = SEQPACKET_FDS_MAX - 2; n <= SEQPACKET_FDS_MAX; n++) {
                seqpacket_init(&p);
                assert_int_equal(seqpacket_send(f->theirs, "head", 4, NULL, 0, false, fds, n), 0);
                assert_int_equal(seqpacket_receive(f->ours, f->buffer, sizeof(f->buffer), &p), 1);
                assert_int_equal(p.fds.n, n);
                assert_int_equal(seqpacket_unpack(&p, 4, 0, false, n - 1), -EBADMSG);
                assert_int_equal(seqpacket_unpack(&p, 4, 0, false, n), 0);
                seqpacket_deinit(&p);
                assert_int_equal(count_descriptors(), f->n_open + 2);
        }
        assert_int_equal(seqpacket_send(f->theirs, "", 1, NULL, 0, false, fds, SEQPACKET_FDS_MAX + 1),
                         -EINVAL);
        assert_int_equal(seqpacket_send(f->theirs, "", 1, "", 1, true, fds, SEQPACKET_FDS_MAX), -EINVAL);
        fds[7] = 1 << 20;
        assert_int_equal(seqpacket_send(f->theirs, "", 1, NULL, 0, false, fds, 8), -EBADF);
}

static void lengths_must_be_as_announced(void **state) {
        struct fixture *f = *state;
        _cleanup_seqpacket_ struct seqpacket p;

        seqpacket_init(&p);
        assert_int_equal(seqpacket_send(f->theirs, "head", 4, "payload", 7, false, NULL, 0), 0);
        assert_int_equal(seqpacket_receive(f->ours, f->buffer, sizeof(f->buffer), &p), 1);
        assert_int_equal(seqpacket_unpack(&p, 4, 6, false, 0), -EBADMSG);
        assert_int_equal(seqpacket_unpack(&p, 4, 8, false, 0), -EBADMSG);
        assert_int_equal(seqpacket_unpack(&p, 12, 0, false, 0), -EBADMSG);
        assert_int_equal(seqpacket_unpack(&p, SIZE_MAX, 12, false, 0), -EBADMSG);
        assert_int_equal(seqpacket_unpack(&p, 4, 7, false, 1), -EBADMSG);
        assert_int_equal(seqpacket_unpack(&p, 11, 7, true, 0), -EBADMSG); /* where is it? */
        assert_int_equal(seqpacket_unpack(&p, 4, 7, false, 0), 0);
}

/* What unpacking says of a message whose payload lies in this descriptor. */
static int receive_payload(struct fixture *f, int fd, size_t size) {
        _cleanup_seqpacket_ struct seqpacket p;

        seqpacket_init(&p);
        assert_int_equal(seqpacket_send(f->theirs, "head", 4, NULL, 0, false, &fd, 1), 0);
        assert_int_equal(seqpacket_receive(f->ours, f->buffer, sizeof(f->buffer), &p), 1);
        return seqpacket_unpack(&p, 4, size, true, 0);
}

static void a_payload_must_be_sealed(void **state) {
        static const int seals[] = {F_SEAL_WRITE, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_SEAL};
        struct fixture *f = *state;
        _cleanup_close_ int good = sealed_memory("payload", 7, SEALS);

        assert_int_equal(receive_payload(f, good, 7), 0);
        for (size_t i = 0; i < ARRAY_SIZE(seals); i++) {
                _cleanup_close_ int weak = sealed_memory("payload", 7, SEALS & ~seals[i]);

                assert_int_equal(receive_payload(f, weak, 7), -EBADMSG);
        }
        assert_int_equal(receive_payload(f, good, 6), 0);
        assert_int_equal(receive_payload(f, good, 8), -EBADMSG);
        assert_int_equal(receive_payload(f, good, 1 << 20), -EBADMSG);
        assert_int_equal(receive_payload(f, good, SIZE_MAX), -EBADMSG);
        assert_int_equal(receive_payload(f, good, 0), -EBADMSG);
        assert_int_equal(receive_payload(f, f->ours, 7), -EBADMSG);
}

static void a_payload_must_be_plain_memory(void **state) {
        struct fixture *f = *state;
        _cleanup_close_ int huge = memfd_create("huge", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB);
        _cleanup_close_ int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        _cleanup_close_ int path = open("/", O_PATH | O_CLOEXEC);

        assert_int_equal(receive_payload(f, file, 7), -EBADMSG);
        assert_int_equal(receive_payload(f, path, 7), -EBADMSG);
        if (huge < 0)
                skip_because("kernel: has no huge pages for a memfd");
        /* A hole in it needs a huge page to be read, and there may be none. */
        assert_int_equal(ftruncate(huge, 2 << 20), 0);
        assert_int_equal(fcntl(huge, F_ADD_SEALS, SEALS), 0);
        assert_int_equal(receive_payload(f, huge, 7), -EBADMSG);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(inline_message, setup, teardown),
                cmocka_unit_test_setup_teardown(sealed_message, setup, teardown),
                cmocka_unit_test_setup_teardown(end_of_the_connection, setup, teardown),
                cmocka_unit_test_setup_teardown(a_full_socket_is_waited_for, setup, teardown),
                cmocka_unit_test_setup_teardown(an_answer_is_not_waited_for, setup, teardown),
                cmocka_unit_test_setup_teardown(what_is_cut_off_is_refused, setup, teardown),
                cmocka_unit_test_setup_teardown(most_descriptors_are_owned, setup, teardown),
                cmocka_unit_test_setup_teardown(lengths_must_be_as_announced, setup, teardown),
                cmocka_unit_test_setup_teardown(a_payload_must_be_sealed, setup, teardown),
                cmocka_unit_test_setup_teardown(a_payload_must_be_plain_memory, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
