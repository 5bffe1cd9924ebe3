/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A client and a deputy that is not one. The other end of the grant answers as
 * a script says: replies that write where they must not, that answer something
 * else, that are cut short or lie about their length, or none at all. The call
 * must end with an errno, nothing of this process's memory may change beyond
 * what the call has given away, and no descriptor may stay behind.
 *
 * No script needs bpf(2): the call is never made, but for the one that says so.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/bpf.h>

#include "base/fd.h"
#include "bpfgrant.h"
#include "kernel/bpf.h"
#include "kernel/seqpacket.h"
#include "kernel/descriptors.h"
#include "skip.h"
#include "wire/message.h"

/* What the client asks: a program, whose instructions it wants read and whose log written. */
static const struct bpf_insn insns[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 0},
        {.code = BPF_JMP | BPF_EXIT},
};
static char secret[64], verifier_log[4096];

struct answer {
        int channel;
        struct wire_header request;
        struct wire_reply reply;
        struct wire_header header; /* to be changed by the script */
        int fds[2];
        size_t n_fds;
};

struct script {
        const char *name;
        void (*change)(struct answer *a); /* the reply, before it is encoded */
        void (*send)(struct answer *a, const uint8_t *payload, size_t size); /* instead of sending it */
        int expected;
};

static void send_plainly(struct answer *a, const uint8_t *payload, size_t size) {
        (void)seqpacket_send(a->channel, &a->header, sizeof(a->header), payload, size, /* sealed= */ false,
                             a->fds, a->n_fds);
}

static void write_to(struct answer *a, void *address, size_t length) {
        static const char bytes[16] = "written";

        if (wire_memory_add(&a->reply.memory, (uintptr_t)address, length, WIRE_SEGMENT_DATA, bytes) < 0)
                abort();
}

static void answer_seven(struct answer *a) {
        a->reply.result = 7;
}

static void write_the_log(struct answer *a) {
        a->reply.result = -EACCES;
        write_to(a, verifier_log, 8);
}

static void write_beyond_the_log(struct answer *a) {
        write_to(a, verifier_log, 8);
        write_to(a, verifier_log + sizeof(verifier_log) - 4, 5);
}

static void write_elsewhere(struct answer *a) {
        write_to(a, verifier_log, 8);
        write_to(a, secret, 1);
}

static void write_the_instructions(struct answer *a) {
        write_to(a, verifier_log, 8);
        write_to(a, (void *)insns, 8);
}

static void write_to_the_end_of_memory(struct answer *a) {
        write_to(a, verifier_log, 8);
        write_to(a, (void *)(UINTPTR_MAX - 8), 8);
}

static void result_too_small(struct answer *a) {
        a->reply.result = -4096;
}

static void result_too_large(struct answer *a) {
        a->reply.result = INT_MAX + 1LL;
}

static void refuse(struct answer *a) {
        a->reply.result = -EPERM;
        a->reply.refusal = "not\ngranted\033[31m";
        a->reply.refusal_size = strlen(a->reply.refusal);
}

static void say_native(struct answer *a) {
        a->reply.flags = WIRE_RESULT_NATIVE;
}

static void say_descriptor(struct answer *a) {
        a->reply.flags = WIRE_RESULT_FD;
        a->header.n_fds = 1;
}

static void give_descriptor(struct answer *a) {
        say_descriptor(a);
        a->n_fds = 1;
}

static void give_two_descriptors(struct answer *a) {
        say_descriptor(a);
        a->n_fds = 2;
}

static void give_unasked_descriptor(struct answer *a) {
        a->n_fds = 1;
}

static void wrong_serial(struct answer *a) {
        a->header.serial++;
}

static void wrong_type(struct answer *a) {
        a->header.type = WIRE_CALL;
}

static void unknown_flag(struct answer *a) {
        a->reply.flags = 1U << 31;
}

static void send_nothing(struct answer *a, const uint8_t *payload, size_t size) {
        (void)a, (void)payload, (void)size;
}

static void send_garbage(struct answer *a, const uint8_t *payload, size_t size) {
        (void)payload, (void)size;
        (void)!send(a->channel, "garbage", 7, MSG_NOSIGNAL);
}

static void send_too_little(struct answer *a, const uint8_t *payload, size_t size) {
        send_plainly(a, payload, size - 8);
}

static void send_too_much(struct answer *a, const uint8_t *payload, size_t size) {
        _cleanup_free_ uint8_t *more = calloc(1, WIRE_MESSAGE_MAX + 1);

        memcpy(more, payload, size);
        send_plainly(a, more, WIRE_MESSAGE_MAX + 1 - sizeof(a->header));
}

static void send_unsealed(struct answer *a, const uint8_t *payload, size_t size) {
        a->fds[0] = memfd_create("unsealed", MFD_CLOEXEC);
        if (write(a->fds[0], payload, size) != (ssize_t)size)
                abort();
        a->n_fds = 1;
        a->header.flags = WIRE_SEALED;
        send_plainly(a, NULL, 0);
        fd_close(a->fds[0]);
}

static void send_sealed(struct answer *a, const uint8_t *payload, size_t size) {
        a->header.flags = WIRE_SEALED;
        (void)seqpacket_send(a->channel, &a->header, sizeof(a->header), payload, size, /* sealed= */ true,
                             NULL, 0);
}

static const struct script scripts[] = {
        {"a number", answer_seven, NULL, 7},
        {"a log", write_the_log, NULL, -EACCES},
        {"a sealed reply", write_the_log, send_sealed, -EACCES},
        {"a refusal", refuse, NULL, -EPERM},
        {"write beyond the log", write_beyond_the_log, NULL, -EPROTO},
        {"write elsewhere", write_elsewhere, NULL, -EPROTO},
        {"write what is to be read", write_the_instructions, NULL, -EPROTO},
        {"write to the end of memory", write_to_the_end_of_memory, NULL, -EPROTO},
        {"a result below the errnos", result_too_small, NULL, -EPROTO},
        {"a result that is no int", result_too_large, NULL, -EPROTO},
        {"a missing descriptor", say_descriptor, NULL, -EPROTO},
        {"two descriptors", give_two_descriptors, NULL, -EPROTO},
        {"a descriptor for nothing", give_unasked_descriptor, NULL, -EPROTO},
        {"another serial", wrong_serial, NULL, -EPROTO},
        {"a request", wrong_type, NULL, -EPROTO},
        {"an unknown flag", unknown_flag, NULL, -EPROTO},
        {"nothing", answer_seven, send_nothing, -EPIPE},
        {"garbage", answer_seven, send_garbage, -EPROTO},
        {"too little", answer_seven, send_too_little, -EPROTO},
        {"too much", answer_seven, send_too_much, -EPROTO},
        {"an unsealed payload", answer_seven, send_unsealed, -EPROTO},
};

struct pretender {
        int grant, theirs;
        const struct script *script;
        pthread_t thread;
};

/* Takes one channel and one request, answers by the script, and goes. */
static void *pretend(void *arg) {
        struct pretender *p = arg;
        _cleanup_seqpacket_ struct seqpacket connect, request;
        _cleanup_free_ uint8_t *buffer = malloc(WIRE_MESSAGE_MAX);
        uint8_t payload[1024];
        struct answer a = {.fds = {p->theirs, p->theirs}};
        size_t offset, size;

        seqpacket_init(&connect);
        seqpacket_init(&request);
        if (seqpacket_receive(p->theirs, buffer, WIRE_MESSAGE_MAX, &connect) != 1 || connect.fds.n != 1)
                abort();
        a.channel = connect.fds.fds[0];
        if (seqpacket_receive(a.channel, buffer, WIRE_MESSAGE_MAX, &request) != 1 ||
            wire_header_decode(request.data, request.size, &a.request, &offset) < 0)
                abort();
        wire_header_init(&a.header, WIRE_RESULT, a.request.serial, /* payload_size= */ 0, /* n_fds= */ 0);
        p->script->change(&a);
        size = wire_reply_size(&a.reply);
        if (size > sizeof(payload) || wire_reply_encode(&a.reply, payload, size) < 0)
                abort();
        a.header.payload_size = size;
        (p->script->send ?: send_plainly)(&a, payload, size);
        return NULL;
}

static void pretender_start(struct pretender *p, const struct script *script) {
        int pair[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        *p = (struct pretender) {.grant = pair[0], .theirs = pair[1], .script = script};
        assert_int_equal(pthread_create(&p->thread, NULL, pretend, p), 0);
}

static void pretender_stop(struct pretender *p) {
        pthread_join(p->thread, NULL);
        fd_close(p->grant);
        fd_close(p->theirs);
}

static int ask(int grant) {
        union bpf_attr attr = {
                .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
                .insns = (uintptr_t)insns,
                .insn_cnt = ARRAY_SIZE(insns),
                .license = (uintptr_t) "GPL",
                .log_level = 1,
                .log_size = sizeof(verifier_log),
                .log_buf = (uintptr_t)verifier_log,
        };

        memset(secret, 's', sizeof(secret));
        memset(verifier_log, 'l', sizeof(verifier_log));
        return bpfgrant_bpf(grant, BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* In a thread, so that its channels are closed before the descriptors are counted. */
static void *ask_in_thread(void *arg) {
        int *grant_then_result = arg;

        *grant_then_result = ask(*grant_then_result);
        return NULL;
}

static void answers_are_checked(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
                int n = count_descriptors(), result;
                struct pretender p;
                pthread_t thread;

                pretender_start(&p, &scripts[i]);
                result = p.grant;
                assert_int_equal(pthread_create(&thread, NULL, ask_in_thread, &result), 0);
                pthread_join(thread, NULL);
                pretender_stop(&p);
                if (result != scripts[i].expected)
                        fail_msg("%s: %d, expected %d", scripts[i].name, result, scripts[i].expected);
                for (size_t j = 0; j < sizeof(secret); j++)
                        assert_int_equal(secret[j], 's');
                /* What is not sound is not applied in part. */
                assert_string_equal(scripts[i].change == write_the_log ? verifier_log : "written",
                                    "written");
                if (result == -EPROTO)
                        for (size_t j = 0; j < sizeof(verifier_log); j++)
                                assert_int_equal(verifier_log[j], 'l');
                if (count_descriptors() != n)
                        fail_msg("%s: leaves %d descriptors", scripts[i].name, count_descriptors() - n);
        }
}

static void a_new_descriptor(void **state) {
        static const struct script give = {"a descriptor", give_descriptor, NULL, 0};
        struct pretender p;
        _cleanup_close_ int fd = -1;
        int type = 0;

        (void)state;
        pretender_start(&p, &give);
        fd = ask(p.grant);
        assert_true(fd >= 0);
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &(socklen_t) {sizeof(type)}), 0);
        assert_int_equal(type, SOCK_SEQPACKET);
        pretender_stop(&p);
}

/* It goes to a terminal: what could command one does not. */
static void a_refusal_is_one_plain_sentence(void **state) {
        static const struct script script = {"a refusal", refuse, NULL, -EPERM};
        static const struct script seven = {"a number", answer_seven, NULL, 7};
        struct pretender p;

        (void)state;
        pretender_start(&p, &script);
        assert_int_equal(ask(p.grant), -EPERM);
        assert_string_equal(bpfgrant_refusal(), "not?granted?[31m");
        pretender_stop(&p);
        pretender_start(&p, &seven);
        assert_int_equal(ask(p.grant), 7);
        assert_string_equal(bpfgrant_refusal(), "");
        pretender_stop(&p);
}

static void a_call_that_is_left_to_us(void **state) {
        static const struct script native = {"native", say_native, NULL, 0};
        struct pretender p;
        _cleanup_close_ int fd = -1;
        enum abi_object kind;
        int r = bpf_probe();

        (void)state;
        if (r < 0)
                skip_because("bpf(2) is refused: %s", strerror(-r));
        pretender_start(&p, &native);
        fd = ask(p.grant);
        assert_true(fd >= 0);
        assert_int_equal(bpf_object_kind(fd, &kind), 0);
        assert_int_equal(kind, OBJECT_PROG);
        pretender_stop(&p);
}

/* The pretender serves one request for each channel: the next call needs another. */
static void a_channel_that_has_ended_is_made_anew(void **state) {
        static const struct script seven = {"a number", answer_seven, NULL, 7};
        struct pretender p;

        (void)state;
        pretender_start(&p, &seven);
        for (int i = 0; i < 5; i++) {
                assert_int_equal(ask(p.grant), 7);
                pthread_join(p.thread, NULL);
                assert_int_equal(pthread_create(&p.thread, NULL, pretend, &p), 0);
        }
        assert_int_equal(ask(p.grant), 7);
        pretender_stop(&p);
}

/* More grants than a thread keeps channels for, in turn. */
static void many_grants(void **state) {
        static const struct script seven = {"a number", answer_seven, NULL, 7};
        struct pretender p[20];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(p); i++) {
                pretender_start(&p[i], &seven);
                assert_int_equal(ask(p[i].grant), 7);
        }
        for (size_t i = 0; i < ARRAY_SIZE(p); i++) {
                pthread_join(p[i].thread, NULL);
                assert_int_equal(pthread_create(&p[i].thread, NULL, pretend, &p[i]), 0);
                assert_int_equal(ask(p[i].grant), 7);
                pretender_stop(&p[i]);
        }
}

static void a_grant_that_has_ended(void **state) {
        int pair[2];

        (void)state;
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        fd_close(pair[1]);
        assert_int_equal(ask(pair[0]), -EPIPE);
        fd_close(pair[0]);
        assert_int_equal(ask(pair[0]), -EBADF);
}

static void grant_of_the_environment(void **state) {
        static const char *const wrong[] = {"",   "x",   "3x", " 3",          "+3",
                                            "-1", "0x3", "3 ", "99999999999", "99999999999999999999"};
        char number[16];
        int pair[2];
        _cleanup_close_ int file = open("/", O_RDONLY | O_CLOEXEC);
        _cleanup_close_ int datagram = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        (void)state;
        unsetenv("BPFGRANT_FD");
        assert_int_equal(bpfgrant_fd_from_environment(), -ENOENT);
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                setenv("BPFGRANT_FD", wrong[i], 1);
                assert_int_equal(bpfgrant_fd_from_environment(), -EINVAL);
        }
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        snprintf(number, sizeof(number), "%d", pair[0]);
        setenv("BPFGRANT_FD", number, 1);
        errno = 12345;
        assert_int_equal(bpfgrant_fd_from_environment(), pair[0]);
        assert_int_equal(errno, 12345);
        fd_close(pair[0]);
        fd_close(pair[1]);
        assert_int_equal(bpfgrant_fd_from_environment(), -EBADF);
        snprintf(number, sizeof(number), "%d", file);
        setenv("BPFGRANT_FD", number, 1);
        assert_int_equal(bpfgrant_fd_from_environment(), -ENOTSOCK);
        snprintf(number, sizeof(number), "%d", datagram);
        setenv("BPFGRANT_FD", number, 1);
        assert_int_equal(bpfgrant_fd_from_environment(), -EPROTOTYPE);
        assert_int_equal(errno, 12345);
        unsetenv("BPFGRANT_FD");
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(answers_are_checked),
                cmocka_unit_test(a_new_descriptor),
                cmocka_unit_test(a_refusal_is_one_plain_sentence),
                cmocka_unit_test(a_call_that_is_left_to_us),
                cmocka_unit_test(a_channel_that_has_ended_is_made_anew),
                cmocka_unit_test(many_grants),
                cmocka_unit_test(a_grant_that_has_ended),
                cmocka_unit_test(grant_of_the_environment),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
