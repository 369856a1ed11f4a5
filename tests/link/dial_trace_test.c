/*
 * What dialing tells its observer: which addresses, from whom, tried when, and
 * how each of them ended.
 */
#include "dialing.h"

#include <errno.h>

#define STORY_MAX 4096

/* The story as text, ports left out; times are milliseconds since BEGIN. */
struct story {
    char text[STORY_MAX];
    size_t size;
};

static void add(struct story *s, const char *text)
{
    size_t size = strlen(text);
    assert_true(s->size + size < sizeof(s->text));
    memcpy(s->text + s->size, text, size + 1);
    s->size += size;
}

static void add_address(struct story *s, const char *address)
{
    char text[80];
    snprintf(text, sizeof(text), " %.*s",
             (int)(strrchr(address, ':') - address), address);
    add(s, text);
}

static void add_answer(struct story *s, const struct hws_dial_note *note)
{
    static const char *const sources[] = {
        [HWS_NAME_LITERAL] = "literal",
        [HWS_NAME_HOSTS] = "hosts",
        [HWS_NAME_SERVER] = "server",
    };
    add(s, note->ipv6 ? " v6 " : " v4 ");
    add(s, sources[note->source]);
    for (size_t i = 0; i < note->address_count; i++)
        add_address(s, note->addresses[i]);
    assert_true(!note->reason == (note->address_count > 0));
    if (note->reason) {
        add(s, " - ");
        add(s, note->reason);
    }
}

static void listen_in(const struct hws_dial_note *note, void *user)
{
    static const char *const steps[] = {
        [HWS_DIAL_BEGIN] = "begin", [HWS_DIAL_ANSWER] = "answer",
        [HWS_DIAL_TRY] = "try",     [HWS_DIAL_FAIL] = "fail",
        [HWS_DIAL_LEAVE] = "leave", [HWS_DIAL_DONE] = "done",
    };
    struct story *s = user;
    char text[64];
    snprintf(text, sizeof(text), "%d %s", (int)((note->at - BEGIN) / HWS_MS(1)),
             steps[note->step]);
    add(s, text);
    if (note->step == HWS_DIAL_ANSWER)
        add_answer(s, note);
    if (note->address)
        add_address(s, note->address);
    if (note->os_error)
        add(s, note->os_error == ECONNREFUSED ? " refused" : " other");
    add(s, "; ");
}

static struct hws_link *watched(struct scene *s, struct story *story)
{
    *story = (struct story){.size = 0};
    s->options.on_step = listen_in;
    s->options.user = story;
    return dial_new(&s->options);
}

TEST(refused_address_and_the_winner_are_told)
{
    struct scene s;
    struct story story;
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "127.0.0.1 ::1"},
    };
    scene_init(&s, rules, 1);
    listen(s.port.v4, 5);
    struct hws_link *link = watched(&s, &story);
    assert_int_equal(run_out(link, &s.server), 0);
    assert_string_equal(story.text,
                        "0 begin; 0 answer v6 server [::1]; "
                        "0 answer v4 server 127.0.0.1; 0 try [::1]; "
                        "0 fail [::1] refused; 0 try 127.0.0.1; "
                        "0 done 127.0.0.1; ");
    hws_link_free(link);
    scene_free(&s);
}

TEST(silent_address_is_left_when_another_wins)
{
    struct scene s;
    struct story story;
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "127.0.0.1 ::1"},
    };
    scene_init(&s, rules, 1);
    listen(s.port.v4, 5);
    port_hole(&s.port);
    struct hws_link *link = watched(&s, &story);
    assert_int_equal(run_out(link, &s.server), 0);
    assert_non_null(strstr(story.text,
                           "0 try [::1]; 250 try 127.0.0.1; "
                           "250 done 127.0.0.1; "
                           "250 leave [::1]; "));
    hws_link_free(link);
    scene_free(&s);
}

static void keep_server(const struct hws_dial_note *note, void *user)
{
    if (note->step == HWS_DIAL_ANSWER)
        snprintf(user, 64, "%s", note->server);
}

TEST(missing_family_is_told_with_its_reason_and_the_server)
{
    struct scene s;
    struct story story;
    char server[64] = "";
    struct name_rule rules[] = {
        {.name = "feed.example", .type = DNS_A, .addresses = "127.0.0.1"},
        {.name = "feed.example", .type = DNS_AAAA},
    };
    scene_init(&s, rules, 2);
    listen(s.port.v4, 5);
    struct hws_link *link = watched(&s, &story);
    assert_int_equal(run_out(link, &s.server), 0);
    assert_non_null(strstr(story.text, "answer v6 server - no address; "));
    hws_link_free(link);
    s.options.on_step = keep_server;
    s.options.user = server;
    link = dial_new(&s.options);
    assert_int_equal(run_out(link, &s.server), 0);
    assert_string_equal(server, s.server.address);
    hws_link_free(link);
    scene_free(&s);
}

TEST(name_without_any_address_is_told_for_both_families)
{
    struct scene s;
    struct story story;
    scene_init(&s, NULL, 0);
    struct hws_link *link = watched(&s, &story);
    assert_int_equal(run_out(link, &s.server), HWS_E_RESOLVE);
    assert_string_equal(story.text,
                        "0 begin; 0 answer v6 server - no such name; "
                        "0 answer v4 server - no such name; ");
    hws_link_free(link);
    scene_free(&s);
}

TEST(literals_and_localhost_ask_nobody)
{
    struct port p;
    struct story story = {.size = 0};
    port_init(&p);
    listen(p.v4, 5);
    struct hws_dial_options o = options_for("127.0.0.1", p.number, NULL);
    o.on_step = listen_in;
    o.user = &story;
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run_out(link, NULL), 0);
    assert_string_equal(story.text,
                        "0 begin; 0 answer v4 literal 127.0.0.1; "
                        "0 try 127.0.0.1; 0 done 127.0.0.1; ");
    hws_link_free(link);
    o.host = "localhost";
    story = (struct story){.size = 0};
    link = dial_new(&o);
    assert_int_equal(run_out(link, NULL), 0);
    assert_non_null(strstr(story.text,
                           "0 answer v6 hosts [::1]; "
                           "0 answer v4 hosts 127.0.0.1; "));
    hws_link_free(link);
    port_free(&p);
}

/* Who frees a layer while it dials still hears what became of the attempts. */
TEST(layer_that_is_freed_early_leaves_its_attempts)
{
    struct port p;
    struct story story = {.size = 0};
    port_init(&p);
    port_hole(&p);
    struct hws_dial_options o = options_for("::1", p.number, NULL);
    o.on_step = listen_in;
    o.user = &story;
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run(link, NULL, BEGIN), HWS_E_AGAIN);
    hws_link_free(link);
    assert_non_null(strstr(story.text, "0 try [::1]; 0 leave [::1]; "));
    port_free(&p);
}

#define STORY(name) cmocka_unit_test_setup(name, dialing_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(refused_address_and_the_winner_are_told),
        STORY(silent_address_is_left_when_another_wins),
        STORY(missing_family_is_told_with_its_reason_and_the_server),
        STORY(name_without_any_address_is_told_for_both_families),
        STORY(literals_and_localhost_ask_nobody),
        STORY(layer_that_is_freed_early_leaves_its_attempts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
