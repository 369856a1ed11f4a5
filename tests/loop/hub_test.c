#include "room.h"

#include <signal.h>

/* ---- descriptors */

TEST(one_shot_is_deleted_before_its_call_and_may_come_back_in_it)
{
    struct room r;
    room_open(&r, state);
    struct ear e = ear_in(&r, r.ends[0], ON_READ);
    put_byte(r.ends[1]);
    add(&e);
    assert_int_equal(hws_source_pending(&e.source), ON_READ);
    turn(&r);
    turn(&r);
    assert_int_equal(e.calls, 1);
    assert_int_equal(hws_source_pending(&e.source), 0);
    e.then = add;
    add(&e);
    for (int calls = 2; calls < 6; calls++) {
        turn(&r);
        assert_int_equal(e.calls, calls);
    }
    hws_source_delete(&e.source);
    hws_source_delete(&e.source);
    turn(&r);
    assert_int_equal(e.calls, 5);
    room_shut(&r);
}

TEST(persistent_source_is_told_until_it_is_deleted)
{
    struct room r;
    room_open(&r, state);
    struct ear e = ear_in(&r, r.ends[0], ON_READ | PERSIST);
    add(&e);
    turn(&r);
    assert_int_equal(e.calls, 0);
    put_byte(r.ends[1]);
    turn(&r);
    turn(&r);
    assert_int_equal(e.calls, 2);
    take_byte(r.ends[0]);
    turn(&r);
    assert_int_equal(e.calls, 2);
    room_shut(&r);
    assert_null(e.source.hub);
}

TEST(sources_share_a_descriptor_each_for_its_own_events)
{
    struct room r;
    room_open(&r, state);
    struct ear reader = ear_in(&r, r.ends[0], ON_READ | PERSIST);
    struct ear writer = ear_in(&r, r.ends[0], ON_WRITE | PERSIST);
    struct ear both = ear_in(&r, r.ends[0], ON_READ | ON_WRITE | PERSIST);
    add(&reader);
    add(&writer);
    add(&both);
    turn(&r);
    assert_int_equal(reader.calls, 0);
    assert_int_equal(writer.calls, 1);
    assert_int_equal(both.what, ON_WRITE);
    hws_source_delete(&writer.source);
    hws_source_delete(&both.source);
    turn(&r);
    assert_int_equal(reader.calls, 0);
    put_byte(r.ends[1]);
    turn(&r);
    assert_int_equal(reader.calls, 1);
    assert_int_equal(writer.calls + both.calls, 2);
    assert_int_equal(hws_hub_count(r.hub, ON_READ), 1);
    assert_int_equal(hws_hub_count(r.hub, ON_WRITE), 0);
    room_shut(&r);
}

static struct ear late;

static void add_late(struct ear *e)
{
    late = ear_in(e->room, e->source.handle, ON_READ | PERSIST);
    e->then = NULL;
    add(&late);
}

TEST(source_added_by_another_of_its_descriptor_hears_of_the_next_turn)
{
    struct room r;
    room_open(&r, state);
    struct ear e = ear_in(&r, r.ends[0], ON_READ | PERSIST), next = e;
    put_byte(r.ends[1]);
    e.then = add_late;
    add(&e);
    add(&next);
    turn(&r);
    assert_int_equal(next.calls, 1);
    assert_int_equal(late.calls, 0);
    turn(&r);
    assert_int_equal(late.calls, 1);
    assert_int_equal(e.calls + next.calls, 4);
    room_shut(&r);
}

static void delete_and_free_other(struct ear *e)
{
    hws_source_delete(&e->other->source);
    free(e->other);
    hws_source_delete(&e->source);
    free(e);
}

TEST(source_freed_by_another_of_its_descriptor_is_not_told)
{
    struct room r;
    room_open(&r, state);
    struct ear *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));
    *a = *b = ear_in(&r, r.ends[0], ON_READ | PERSIST);
    a->other = b;
    b->other = a;
    a->then = b->then = delete_and_free_other;
    put_byte(r.ends[1]);
    add(a);
    add(b);
    turn(&r);
    turn(&r);
    assert_int_equal(hws_hub_count(r.hub, ON_READ), 0);
    room_shut(&r);
}

static void close_and_reuse(struct ear *e)
{
    int number = e->source.handle;
    assert_int_equal(dup2(e->other->source.handle, number), number);
    e->other->source.handle = number;
    add(e->other);
}

TEST(one_shot_may_close_its_descriptor_whose_number_is_used_again)
{
    struct room r;
    int fresh[2];
    room_open(&r, state);
    pair_open(fresh);
    struct ear e = ear_in(&r, r.ends[0], ON_READ);
    struct ear heir = ear_in(&r, fresh[0], ON_READ | PERSIST);
    e.other = &heir;
    e.then = close_and_reuse;
    put_byte(r.ends[1]);
    add(&e);
    turn(&r);
    turn(&r);
    assert_int_equal(heir.calls, 0);
    put_byte(fresh[1]);
    turn(&r);
    assert_int_equal(heir.calls, 1);
    hws_source_delete(&heir.source);
    room_shut(&r);
    pair_shut(fresh);
}

TEST(hang_up_is_told_to_all_and_as_an_error_to_who_asks)
{
    struct room r;
    room_open(&r, state);
    struct ear reader = ear_in(&r, r.ends[0], ON_READ | PERSIST);
    struct ear error = ear_in(&r, r.ends[0], ON_ERROR | PERSIST);
    add(&reader);
    add(&error);
    put_byte(r.ends[1]);
    turn(&r);
    assert_int_equal(reader.calls, 1);
    assert_int_equal(error.calls, 0);
    close(r.ends[1]);
    turn(&r);
    assert_int_equal(reader.what, ON_READ);
    assert_int_equal(reader.calls, 2);
    assert_int_equal(error.what, ON_ERROR);
    r.ends[1] = dup(r.ends[0]);
    room_shut(&r);
}

TEST(error_alone_does_not_spin_over_unread_bytes_and_is_found)
{
    struct room r;
    room_open(&r, state);
    struct ear error = ear_in(&r, r.ends[0], ON_ERROR);
    add(&error);
    put_byte(r.ends[1]);
    for (int i = 0; i < 5; i++)
        turn(&r);
    if (!r.stage.is_virtual)
        assert_int_equal(stats_of(r.stage.loop).ready, 1);
    close(r.ends[1]);
    if (r.stage.is_virtual) {
        stage_wait(&r.stage, stage_now(&r.stage) + HWS_S(1));
        assert_int_equal(error.what, ON_ERROR);
    }
    hws_source_delete(&error.source);
    add(&error);
    turn(&r);
    assert_int_equal(error.what, ON_ERROR);
    r.ends[1] = dup(r.ends[0]);
    room_shut(&r);
}

TEST(hub_freed_while_a_descriptor_is_parked_leaves_no_timer)
{
    struct room r;
    room_open(&r, state);
    struct ear error = ear_in(&r, r.ends[0], ON_ERROR);
    add(&error);
    put_byte(r.ends[1]);
    turn(&r);
    hws_hub_free(r.hub);
    r.hub = NULL;
    if (r.stage.is_virtual)
        stage_wait(&r.stage, stage_now(&r.stage) + HWS_S(2));
    else
        assert_int_equal(hws_loop_run(r.stage.loop), 0);
    room_shut(&r);
}

/* ---- abort */

static void free_hub(struct ear *e)
{
    hws_hub_free(e->room->hub);
    e->room->hub = NULL;
}

TEST(hub_is_freed_by_one_of_its_sources)
{
    struct room r;
    room_open(&r, state);
    struct ear a = ear_in(&r, r.ends[0], ON_READ | PERSIST), b = a;
    a.then = b.then = free_hub;
    put_byte(r.ends[1]);
    add(&a);
    add(&b);
    turn(&r);
    turn(&r);
    assert_int_equal(a.calls + b.calls, 1);
    room_shut(&r);
}

static void abort_all(struct ear *e)
{
    hws_hub_abort(e->room->hub);
}

TEST(abort_deletes_all_so_that_nothing_keeps_the_loop)
{
    struct room r;
    room_open(&r, state);
    struct ear a = ear_in(&r, r.ends[0], ON_READ | PERSIST), b = a;
    struct ear timer = ear_in(&r, -1, ON_TIMEOUT | PERSIST);
    struct ear hup = ear_in(&r, SIGHUP, ON_SIGNAL | PERSIST);
    a.then = b.then = abort_all;
    put_byte(r.ends[1]);
    add(&a);
    add(&b);
    add(&hup);
    add_for(&timer, HWS_S(3600));
    if (r.stage.is_virtual)
        turn(&r);
    else
        assert_int_equal(hws_loop_run(r.stage.loop), 0);
    assert_int_equal(a.calls + b.calls, 1);
    assert_int_equal(hws_hub_count(r.hub, ~0u), 0);
    /* The hub itself lives on. */
    b.then = NULL;
    add(&b);
    turn(&r);
    assert_int_equal(a.calls + b.calls, 2);
    room_shut(&r);
}

static void abort_branch(struct ear *e)
{
    hws_hub_abort_branch(e->room->hub);
}

TEST(aborted_branch_is_one_descriptor_in_one_turn)
{
    struct room r;
    int others[2];
    room_open(&r, state);
    pair_open(others);
    struct ear first = ear_in(&r, r.ends[0], ON_READ | PERSIST);
    struct ear second = ear_in(&r, r.ends[0], ON_READ | PERSIST);
    struct ear elsewhere = ear_in(&r, others[0], ON_READ | PERSIST);
    put_byte(r.ends[1]);
    put_byte(others[1]);
    first.then = abort_branch;
    add(&first);
    add(&second);
    add(&elsewhere);
    hws_hub_abort_branch(r.hub);
    turn(&r);
    assert_int_equal(first.calls, 1);
    assert_int_equal(second.calls, 0);
    assert_int_equal(elsewhere.calls, 1);
    first.then = NULL;
    turn(&r);
    assert_int_equal(second.calls, 1);
    room_shut(&r);
    pair_shut(others);
}

/* ---- refusals */

static void refused(struct room *r, int handle, unsigned events, hws_time delay)
{
    struct ear e = ear_in(r, handle, events);
    assert_int_equal(hws_source_add(r->hub, &e.source, delay), HWS_E_ARGUMENT);
    assert_int_equal(hws_source_pending(&e.source), 0);
}

TEST(misuse_is_refused)
{
    struct room r;
    room_open(&r, state);
    refused(&r, 0, 0, HWS_NEVER);
    refused(&r, 0, PERSIST, HWS_NEVER);
    refused(&r, 0, ON_TIMEOUT, HWS_NEVER);
    refused(&r, -1, ON_TIMEOUT, -1);
    refused(&r, -1, ON_READ, HWS_NEVER);
    refused(&r, 1, ON_READ | ON_SIGNAL, HWS_NEVER);
    refused(&r, 9999, ON_SIGNAL, HWS_S(1));
    refused(&r, SIGKILL, ON_SIGNAL, HWS_S(1));
    struct hws_hub *other = hws_hub_new(r.stage.loop, NULL);
    struct ear e = ear_in(&r, r.ends[0], ON_READ);
    add(&e);
    assert_int_equal(hws_source_add(other, &e.source, HWS_NEVER), HWS_E_STATE);
    hws_hub_free(other);
    hws_hub_free(NULL);
    assert_int_equal(hws_source_pending(&e.source), ON_READ);
    room_shut(&r);
}

TEST(refused_watch_leaves_nothing_behind)
{
    struct room r;
    room_open(&r, state);
    struct ear first = ear_in(&r, r.ends[0], ON_READ | PERSIST);
    struct ear second = ear_in(&r, r.ends[0], ON_WRITE | PERSIST);
    if (r.stage.is_virtual) {
        r.stage.world.watch_failures = 1;
        assert_int_equal(hws_source_add(r.hub, &first.source, HWS_S(1)),
                         HWS_E_SYSTEM);
        add(&first);
        r.stage.world.watch_failures = 1;
        assert_int_equal(hws_source_add(r.hub, &second.source, HWS_S(1)),
                         HWS_E_SYSTEM);
        put_byte(r.ends[1]);
        turn(&r);
        assert_int_equal(first.calls, 1);
        take_byte(r.ends[0]);
        stage_wait(&r.stage, stage_now(&r.stage) + HWS_S(2));
        assert_int_equal(first.calls + second.calls, 1);
    }
    room_shut(&r);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        RUN(one_shot_is_deleted_before_its_call_and_may_come_back_in_it),
        RUN(persistent_source_is_told_until_it_is_deleted),
        RUN(sources_share_a_descriptor_each_for_its_own_events),
        RUN(source_added_by_another_of_its_descriptor_hears_of_the_next_turn),
        RUN(source_freed_by_another_of_its_descriptor_is_not_told),
        RUN(one_shot_may_close_its_descriptor_whose_number_is_used_again),
        RUN(hang_up_is_told_to_all_and_as_an_error_to_who_asks),
        RUN(error_alone_does_not_spin_over_unread_bytes_and_is_found),
        RUN(hub_freed_while_a_descriptor_is_parked_leaves_no_timer),
        RUN(hub_is_freed_by_one_of_its_sources),
        RUN(abort_deletes_all_so_that_nothing_keeps_the_loop),
        RUN(aborted_branch_is_one_descriptor_in_one_turn),
        RUN(misuse_is_refused),
        RUN(refused_watch_leaves_nothing_behind),
    };
    return RUN_ON_EVERY_STAGE(tests);
}
