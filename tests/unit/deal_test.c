/* lua/deal: what is dealt out comes back in order and is the same whoever did it; what a death
 * loses is done by others. */
#include "deal/deal.h"
#include "test.h"
#include <drywire/base.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What a test's pieces do, and where their results go. */
typedef struct job {
    bool (*piece)(const char *text, dw_octets *out);
    char shared[32];
    char marks[64]; /* a directory in which those that happen once leave a file */
    size_t stop_after;
    size_t told;
    bool in_order;
    dw_octets results;
    volatile bool stopped;
} job;

static job now;

static bool do_piece(void *arg, size_t number, const dw_deal_piece *piece, dw_octets *out)
{
    job *j = arg;
    (void)number;
    char *text = strndup(piece->data, piece->len);
    bool more = j->piece(text, out);
    free(text);
    return more;
}

static void take_shared(void *arg, const char *data, size_t len)
{
    job *j = arg;
    snprintf(j->shared, sizeof j->shared, "%.*s", (int)len, data);
}

static bool wants_end(void *arg)
{
    return ((job *)arg)->stopped;
}

static bool tell(void *arg, size_t number, const char *data, size_t len)
{
    job *j = arg;
    j->in_order &= number == j->told++;
    dw_octets_add(&j->results, data, len);
    dw_octets_add(&j->results, "\n", 1);
    return j->told != j->stop_after;
}

static dw_deal *deal_of(unsigned workers, bool (*piece)(const char *, dw_octets *))
{
    const dw_deal_work work = {do_piece, take_shared, NULL, wants_end, &now};
    dw_deal *d = NULL;
    now = (job){.piece = piece, .in_order = true};
    strcpy(now.marks, "/tmp/deal-test-XXXXXX");
    assert_non_null(mkdtemp(now.marks));
    assert_int_equal(dw_deal_new(workers, &work, &d), DW_OK);
    return d;
}

/* A round over the numbers from 0. */
static int round_of(dw_deal *d, size_t count, const char *shared)
{
    dw_deal_piece *pieces = calloc(count, sizeof *pieces);
    char(*texts)[24] = calloc(count, sizeof *texts);
    for (size_t i = 0; i < count; i++) {
        int len = snprintf(texts[i], sizeof texts[i], "%zu", i);
        pieces[i] = (dw_deal_piece){texts[i], (size_t)len};
    }
    now.results.len = 0;
    now.told = 0;
    dw_deal_piece all = {shared, shared ? strlen(shared) : 0};
    int status = dw_deal_round(d, &all, pieces, count, tell, &now);
    free(pieces);
    free(texts);
    return status;
}

static void free_deal(dw_deal *d)
{
    char command[100];
    dw_deal_free(d);
    dw_octets_free(&now.results);
    snprintf(command, sizeof command, "rm -r %s", now.marks);
    assert_int_equal(system(command), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

static bool square(const char *text, dw_octets *out)
{
    char line[64];
    long n = atol(text);
    int len = snprintf(line, sizeof line, "%s%ld", now.shared, n * n);
    dw_octets_add(out, line, (size_t)len);
    return true;
}

static void deal_many_small_pieces_are_the_same_with_any_number_of_workers(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    dw_octets alone = {0};
    for (unsigned workers = 1; workers <= 4; workers++) {
        dw_deal *d = deal_of(workers, square);
        assert_int_equal(dw_deal_here(d), workers == 1);
        assert_int_equal(round_of(d, MANY, NULL), DW_OK);
        assert_int_equal(now.told, MANY);
        assert_true(now.in_order);
        if (workers == 1) dw_octets_add(&alone, now.results.data, now.results.len);
        assert_int_equal(now.results.len, alone.len);
        assert_memory_equal(now.results.data, alone.data, alone.len);
        free_deal(d);
    }
    dw_octets_free(&alone);
}

static void deal_what_is_shared_is_known_before_the_pieces_of_each_round(void **state)
{
    (void)state;
    for (unsigned workers = 1; workers <= 2; workers++) {
        dw_deal *d = deal_of(workers, square);
        assert_int_equal(round_of(d, 3, "a"), DW_OK);
        assert_memory_equal(now.results.data, "a0\na1\na4\n", 9);
        assert_int_equal(round_of(d, 2, NULL), DW_OK);
        assert_memory_equal(now.results.data, "a0\na1\n", 6);
        assert_int_equal(round_of(d, 2, "b"), DW_OK);
        assert_memory_equal(now.results.data, "b0\nb1\n", 6);
        assert_int_equal(round_of(d, 0, NULL), DW_OK);
        free_deal(d);
    }
}

static bool large(const char *text, dw_octets *out)
{
    enum { SIZE = 10000000 };
    char *room = dw_octets_more(out, SIZE);
    assert_non_null(room);
    memset(room, 'a' + atoi(text), SIZE);
    return true;
}

static void deal_results_of_ten_megabytes_arrive_whole(void **state)
{
    (void)state;
    enum { SIZE = 10000000 };
    dw_deal *d = deal_of(2, large);
    assert_int_equal(round_of(d, 6, NULL), DW_OK);
    assert_int_equal(now.results.len, 6 * (SIZE + 1));
    for (size_t i = 0; i < 6; i++) {
        const char *at = now.results.data + i * (SIZE + 1);
        assert_int_equal(at[0], 'a' + i);
        assert_int_equal(memcmp(at, at + 1, SIZE - 1), 0);
    }
    free_deal(d);
}

/* The first to come here. */
static bool first(const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", now.marks, text);
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

static bool dies_once(const char *text, dw_octets *out)
{
    if (atoi(text) % 50 == 7 && first(text)) raise(SIGKILL);
    return square(text, out);
}

static void deal_a_worker_that_is_killed_loses_nothing(void **state)
{
    (void)state;
    for (unsigned workers = 2; workers <= 4; workers++) {
        dw_deal *d = deal_of(workers, dies_once);
        now.results.len = 0;
        assert_int_equal(round_of(d, 300, "x"), DW_OK);
        assert_int_equal(now.told, 300);
        assert_true(now.in_order);
        assert_memory_equal(now.results.data, "x0\nx1\nx4\n", 9);
        assert_int_equal(round_of(d, 300, "y"), DW_OK); /* the files are there: nobody dies */
        assert_memory_equal(now.results.data, "y0\ny1\ny4\n", 9);
        free_deal(d);
    }
}

static bool dies_on_17(const char *text, dw_octets *out)
{
    if (strcmp(text, "17") == 0) abort();
    return square(text, out);
}

static void deal_a_piece_on_which_two_workers_die_ends_the_round_and_is_named(void **state)
{
    (void)state;
    dw_deal *d = deal_of(2, dies_on_17);
    assert_int_equal(round_of(d, 1000, NULL), DW_E_IO);
    assert_int_equal(dw_deal_deadly(d), 17);
    assert_string_equal(dw_deal_problem(d),
                        "a second worker has ended by signal 6 (Aborted) on piece 18");
    assert_true(now.told <= 17);
    assert_true(now.in_order);
    assert_int_equal(round_of(d, 10, NULL), DW_OK); /* without it all is well */
    assert_int_equal(now.told, 10);
    free_deal(d);
}

static bool says(const char *text, dw_octets *out)
{
    printf("out %s\n", text);
    fprintf(stderr, "err %s\n", text);
    if (atoi(text) % 3 == 0) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    if (atoi(text) == 4 && first(text)) raise(SIGKILL); /* what it said then is not told */
    return square(text, out);
}

/* What a round prints into one of the descriptors 1 and 2; the other is not looked at. */
static char *printed_by(unsigned workers, int fd)
{
    char path[] = "/tmp/deal-test-XXXXXX";
    fflush(stdout);
    int other = STDOUT_FILENO + STDERR_FILENO - fd;
    int kept[3] = {-1, dup(STDOUT_FILENO), dup(STDERR_FILENO)};
    int file = mkstemp(path), nowhere = open("/dev/null", O_WRONLY);
    assert_true(file >= 0 && nowhere >= 0);
    unlink(path);
    dup2(file, fd);
    dup2(nowhere, other);
    dw_deal *d = deal_of(workers, says);
    if (workers == 1) first("4");
    int status = round_of(d, 40, NULL);
    fflush(stdout);
    for (int i = STDOUT_FILENO; i <= STDERR_FILENO; i++) {
        dup2(kept[i], i);
        close(kept[i]);
    }
    close(nowhere);
    assert_int_equal(status, DW_OK);
    free_deal(d);
    char *text = calloc(1, 4096);
    assert_true(pread(file, text, 4095, 0) > 0);
    close(file);
    return text;
}

static void deal_what_workers_print_comes_in_the_order_of_pieces(void **state)
{
    (void)state;
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        char *alone = printed_by(1, fd), *together = printed_by(3, fd);
        assert_non_null(strstr(alone, " 39\n"));
        assert_string_equal(alone, together);
        free(alone);
        free(together);
    }
}

static bool last_of_three(const char *text, dw_octets *out)
{
    square(text, out);
    return atoi(text) % 3 != 0;
}

static void deal_a_worker_that_shall_do_no_more_is_replaced(void **state)
{
    (void)state;
    dw_deal *d = deal_of(2, last_of_three);
    assert_int_equal(round_of(d, 30, NULL), DW_OK);
    assert_int_equal(now.told, 30);
    assert_true(now.in_order);
    free_deal(d);
}

static bool sleeps(const char *text, dw_octets *out)
{
    if (atoi(text) > 2) sleep(60);
    return square(text, out);
}

static void deal_a_round_that_nobody_wants_more_of_ends_at_once(void **state)
{
    (void)state;
    dw_deal *d = deal_of(2, sleeps);
    now.stop_after = 3;
    assert_int_equal(round_of(d, 10, NULL), DW_OK);
    assert_int_equal(now.told, 3);
    free_deal(d);
}

static void on_alarm(int number)
{
    (void)number;
    now.stopped = true;
}

static void deal_a_signal_here_ends_the_workers(void **state)
{
    (void)state;
    dw_deal *d = deal_of(2, sleeps);
    signal(SIGALRM, on_alarm);
    alarm(1);
    assert_int_equal(round_of(d, 10, NULL), DW_E_INTERRUPT);
    assert_int_equal(now.told, 3);
    free_deal(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deal_many_small_pieces_are_the_same_with_any_number_of_workers),
        cmocka_unit_test(deal_what_is_shared_is_known_before_the_pieces_of_each_round),
        cmocka_unit_test(deal_results_of_ten_megabytes_arrive_whole),
        cmocka_unit_test(deal_a_worker_that_is_killed_loses_nothing),
        cmocka_unit_test(deal_a_piece_on_which_two_workers_die_ends_the_round_and_is_named),
        cmocka_unit_test(deal_what_workers_print_comes_in_the_order_of_pieces),
        cmocka_unit_test(deal_a_worker_that_shall_do_no_more_is_replaced),
        cmocka_unit_test(deal_a_round_that_nobody_wants_more_of_ends_at_once),
        cmocka_unit_test(deal_a_signal_here_ends_the_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
