#include "stage.h"

#define CHUNK ((size_t)16 << 10)

/* A writer on one end of a pair, and what it told. */
struct desk {
    struct stage stage;
    struct hws_hub *hub;
    struct hws_writer *writer;
    int ends[2];
    char told[16];
    size_t told_size;
    bool frees;          /* the writer, in whatever it tells */
    uint64_t put, taken; /* bytes, each the low byte of its place */
};

static void tell(struct desk *d, char what)
{
    assert_true(d->told_size + 1 < sizeof(d->told));
    d->told[d->told_size++] = what;
    if (!d->frees)
        return;
    hws_writer_free(d->writer);
    d->writer = NULL;
}

static void on_high(struct hws_writer *writer, void *user)
{
    assert_true(hws_writer_queued(writer) > 0);
    tell(user, 'h');
}

static void on_low(struct hws_writer *writer, void *user)
{
    (void)writer;
    tell(user, 'l');
}

static void on_drained(struct hws_writer *writer, void *user)
{
    assert_int_equal(hws_writer_queued(writer), 0);
    tell(user, 'd');
}

static void on_failed(struct hws_writer *writer, const struct hws_fault *fault,
                      void *user)
{
    assert_ptr_equal(fault, hws_writer_fault(writer));
    tell(user, 'f');
}

static void desk_open(struct desk *d, void **state)
{
    struct hws_writer_options options;
    *d = (struct desk){0};
    stage_open(&d->stage, state);
    d->hub = hws_hub_new(d->stage.loop, NULL);
    pair_open(d->ends);
    hws_writer_options_init(&options);
    options.queue_max = (size_t)1 << 20;
    options.high_water = (size_t)512 << 10;
    options.low_water = (size_t)128 << 10;
    options.on_high = on_high;
    options.on_low = on_low;
    options.on_drained = on_drained;
    options.on_failed = on_failed;
    options.user = d;
    d->writer = hws_writer_new(d->hub, d->ends[0], &options, NULL);
    assert_non_null(d->writer);
}

static void desk_shut(struct desk *d)
{
    hws_writer_free(d->writer);
    hws_hub_free(d->hub);
    stage_shut(&d->stage);
    pair_shut(d->ends);
}

static int put(struct desk *d, size_t size)
{
    static uint8_t bytes[2 << 20];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)((d->put + i) * 31 >> 3);
    int status = hws_writer_write(d->writer, (struct hws_span){bytes, size});
    if (status == 0)
        d->put += size;
    return status;
}

/* Read what is there at the other end, and look that nothing is wrong. */
static size_t take(struct desk *d)
{
    uint8_t bytes[4096];
    size_t all = 0;
    ssize_t n;
    while ((n = read(d->ends[1], bytes, sizeof(bytes))) > 0) {
        for (ssize_t i = 0; i < n; i++, d->taken++)
            assert_int_equal(bytes[i], (uint8_t)(d->taken * 31 >> 3));
        all += (size_t)n;
    }
    return all;
}

/* Until the kernel takes no more, and then until `size` bytes wait. */
static void queue_up(struct desk *d, size_t size)
{
    while (hws_writer_queued(d->writer) < size)
        assert_int_equal(put(d, CHUNK), 0);
}

static void turn_and_take_all(struct desk *d)
{
    while (take(d) > 0 || (d->writer && hws_writer_queued(d->writer) > 0))
        stage_turn(&d->stage);
}

TEST(bytes_leave_at_once_and_nothing_is_waited_for)
{
    struct desk d;
    desk_open(&d, state);
    assert_int_equal(put(&d, 10), 0);
    assert_int_equal(put(&d, 0), 0);
    assert_int_equal(take(&d), 10);
    assert_int_equal(hws_hub_count(d.hub, ~0u), 0);
    stage_turn(&d.stage);
    assert_string_equal(d.told, "");
    desk_shut(&d);
}

TEST(what_is_queued_leaves_in_order_when_the_peer_reads)
{
    struct desk d;
    desk_open(&d, state);
    queue_up(&d, 10 * CHUNK);
    assert_int_equal(hws_hub_count(d.hub, HWS_EV_WRITE), 1);
    for (int i = 0; i < 3; i++)
        stage_turn(&d.stage);
    assert_string_equal(d.told, "");
    turn_and_take_all(&d);
    assert_true(d.taken == d.put);
    assert_string_equal(d.told, "d");
    assert_int_equal(hws_hub_count(d.hub, ~0u), 0);
    desk_shut(&d);
}

TEST(marks_are_told_once_each_way)
{
    struct desk d;
    desk_open(&d, state);
    queue_up(&d, (size_t)600 << 10);
    assert_string_equal(d.told, "h");
    turn_and_take_all(&d);
    assert_string_equal(d.told, "hld");
    assert_true(d.taken == d.put);
    queue_up(&d, (size_t)600 << 10);
    assert_string_equal(d.told, "hldh");
    desk_shut(&d);
}

TEST(full_queue_takes_nothing_of_what_does_not_fit)
{
    struct desk d;
    desk_open(&d, state);
    int status;
    while ((status = put(&d, CHUNK)) == 0)
        continue;
    assert_int_equal(status, HWS_E_FULL);
    assert_true(hws_writer_queued(d.writer) <= (size_t)1 << 20);
    assert_int_equal(put(&d, ((size_t)1 << 20) + 1), HWS_E_TOO_BIG);
    assert_int_equal(hws_writer_fault(d.writer)->status, HWS_OK);
    turn_and_take_all(&d);
    assert_true(d.taken == d.put);
    desk_shut(&d);
}

TEST(failure_in_the_call_is_returned_and_not_told)
{
    struct desk d;
    desk_open(&d, state);
    close(d.ends[1]);
    assert_int_equal(put(&d, 1), HWS_E_RESET);
    assert_int_equal(put(&d, 1), HWS_E_RESET);
    assert_int_equal(put(&d, 0), HWS_E_RESET);
    const struct hws_fault *fault = hws_writer_fault(d.writer);
    assert_int_equal(fault->status, HWS_E_RESET);
    assert_int_equal(fault->os_error, EPIPE);
    assert_non_null(strstr(fault->text, "cannot write to descriptor"));
    stage_turn(&d.stage);
    assert_string_equal(d.told, "");
    d.ends[1] = dup(d.ends[0]);
    desk_shut(&d);
}

TEST(failure_that_comes_later_is_told_once_and_drops_the_queue)
{
    struct desk d;
    desk_open(&d, state);
    queue_up(&d, CHUNK);
    close(d.ends[1]);
    stage_turn(&d.stage);
    stage_turn(&d.stage);
    assert_string_equal(d.told, "f");
    assert_int_equal(hws_writer_queued(d.writer), 0);
    assert_int_equal(hws_hub_count(d.hub, ~0u), 0);
    assert_int_equal(put(&d, 1), HWS_E_RESET);
    d.ends[1] = dup(d.ends[0]);
    desk_shut(&d);
}

TEST(writer_is_freed_in_whatever_it_tells)
{
    struct desk d;
    desk_open(&d, state);
    d.frees = true;
    while (d.writer)
        assert_int_equal(put(&d, CHUNK), 0);
    assert_string_equal(d.told, "h");
    desk_shut(&d);

    desk_open(&d, state);
    queue_up(&d, (size_t)600 << 10);
    d.frees = true;
    turn_and_take_all(&d);
    assert_string_equal(d.told, "hl");
    desk_shut(&d);

    desk_open(&d, state);
    queue_up(&d, CHUNK);
    d.frees = true;
    turn_and_take_all(&d);
    assert_string_equal(d.told, "d");
    desk_shut(&d);

    desk_open(&d, state);
    queue_up(&d, CHUNK);
    d.frees = true;
    close(d.ends[1]);
    stage_turn(&d.stage);
    assert_string_equal(d.told, "f");
    d.ends[1] = dup(d.ends[0]);
    desk_shut(&d);
}

static void count_read(struct hws_source *source, unsigned what, hws_time now)
{
    (void)what, (void)now;
    take_byte(source->handle);
    source->delay++;
}

TEST(reader_and_writer_share_a_descriptor)
{
    struct desk d;
    desk_open(&d, state);
    struct hws_source reader = {.happened = count_read,
                                .events = (unsigned)HWS_EV_READ |
                                          (unsigned)HWS_EV_PERSIST,
                                .handle = d.ends[0]};
    assert_int_equal(hws_source_add(d.hub, &reader, HWS_S(3600)), 0);
    queue_up(&d, CHUNK);
    put_byte(d.ends[1]);
    stage_turn(&d.stage);
    assert_true(reader.delay == HWS_S(3600) + 1);
    turn_and_take_all(&d);
    assert_string_equal(d.told, "d");
    assert_int_equal(hws_hub_count(d.hub, HWS_EV_READ), 1);
    desk_shut(&d);
}

TEST(abort_stops_a_writer_and_the_next_write_goes_on)
{
    struct desk d;
    desk_open(&d, state);
    queue_up(&d, CHUNK);
    hws_hub_abort(d.hub);
    take(&d);
    stage_turn(&d.stage);
    assert_true(hws_writer_queued(d.writer) > 0);
    assert_int_equal(put(&d, 1), 0);
    turn_and_take_all(&d);
    assert_true(d.taken == d.put);
    desk_shut(&d);
}

TEST(writer_with_marks_out_of_order_is_refused)
{
    struct desk d;
    struct hws_fault fault = {0};
    struct hws_writer_options options;
    desk_open(&d, state);
    hws_writer_options_init(&options);
    assert_null(hws_writer_new(d.hub, -1, &options, &fault));
    assert_int_equal(fault.status, HWS_E_ARGUMENT);
    options.queue_max = 10;
    assert_null(hws_writer_new(d.hub, d.ends[0], &options, &fault));
    assert_non_null(strstr(fault.text, "queue_max 10 are out of order"));
    hws_writer_free(NULL);
    desk_shut(&d);
}

/* Takes one byte a call, then says what it is told to. */
static ptrdiff_t write_one(void *user, int fd, const uint8_t *bytes,
                           size_t size)
{
    int *status = user;
    (void)size;
    if (*status)
        return *status;
    *status = HWS_E_AGAIN;
    return write(fd, bytes, 1);
}

TEST(bytes_leave_by_the_way_that_the_owner_gives)
{
    struct desk d;
    struct hws_writer_options options;
    int status = 0;
    desk_open(&d, state);
    hws_writer_options_init(&options);
    options.write = write_one;
    options.user = &status;
    hws_writer_free(d.writer);
    d.writer = hws_writer_new(d.hub, d.ends[0], &options, NULL);
    assert_int_equal(put(&d, 3), 0);
    for (size_t left = 2; left > 0; left--) {
        assert_int_equal(hws_writer_queued(d.writer), left);
        stage_turn(&d.stage);
        assert_int_equal(hws_writer_queued(d.writer), left);
        status = 0;
        stage_turn(&d.stage);
    }
    assert_int_equal(take(&d), 3);
    status = HWS_E_TLS;
    assert_int_equal(put(&d, 1), HWS_E_TLS);
    assert_int_equal(hws_writer_fault(d.writer)->status, HWS_E_TLS);
    desk_shut(&d);
}

TEST(pipe_is_written_as_a_socket_is)
{
    struct desk d;
    struct hws_writer_options options;
    int ends[2];
    desk_open(&d, state);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    hws_writer_options_init(&options);
    struct hws_writer *w = hws_writer_new(d.hub, ends[1], &options, NULL);
    assert_int_equal(hws_writer_write(w, hws_span_text("x")), 0);
    take_byte(ends[0]);
    hws_writer_free(w);
    pair_shut(ends);
    desk_shut(&d);
}

TEST(writer_that_cannot_wait_has_failed_once_a_part_has_left)
{
    struct desk d;
    desk_open(&d, state);
    if (d.stage.is_virtual) {
        d.stage.world.watch_failures = 1;
        assert_int_equal(put(&d, (size_t)1 << 20), HWS_E_SYSTEM);
        assert_int_equal(hws_writer_fault(d.writer)->status, HWS_E_SYSTEM);
        assert_int_equal(hws_writer_queued(d.writer), 0);
        assert_int_equal(put(&d, 1), HWS_E_SYSTEM);
    }
    desk_shut(&d);

    desk_open(&d, state);
    if (d.stage.is_virtual) {
        fill_up(d.ends[0]);
        d.stage.world.watch_failures = 1;
        assert_int_equal(put(&d, 1), HWS_E_SYSTEM);
        assert_int_equal(hws_writer_queued(d.writer), 0);
    }
    desk_shut(&d);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        RUN(bytes_leave_at_once_and_nothing_is_waited_for),
        RUN(what_is_queued_leaves_in_order_when_the_peer_reads),
        RUN(marks_are_told_once_each_way),
        RUN(full_queue_takes_nothing_of_what_does_not_fit),
        RUN(failure_in_the_call_is_returned_and_not_told),
        RUN(failure_that_comes_later_is_told_once_and_drops_the_queue),
        RUN(writer_is_freed_in_whatever_it_tells),
        RUN(reader_and_writer_share_a_descriptor),
        RUN(abort_stops_a_writer_and_the_next_write_goes_on),
        RUN(writer_with_marks_out_of_order_is_refused),
        RUN(bytes_leave_by_the_way_that_the_owner_gives),
        RUN(pipe_is_written_as_a_socket_is),
        RUN(writer_that_cannot_wait_has_failed_once_a_part_has_left),
    };
    return RUN_ON_EVERY_STAGE(tests);
}
