/* A door into a running program: who comes in, and what is said there. */
#include "hawser/control.h"

#include "support/street.h"
#include "support/test.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_SIZE 65536

struct visit {
    struct street street;
    struct hws_control *control;
    struct hws_link *link; /* the viewer's end */
    char directory[64], path[96];
    char answer[ANSWER_SIZE];
    size_t size;
    ptrdiff_t status; /* how reading ended: HWS_E_AGAIN, or for good */
};

static struct visit *visiting;

static void knock(struct visit *v)
{
    v->link = hws_unix_new(v->path);
    assert_int_equal(hws_link_open(v->link, hws_clock_now(HWS_CLOCK_MONOTONIC)),
                     0);
}

static void visit_begin(struct visit *v)
{
    memset(v, 0, sizeof(*v));
    visiting = v;
    strcpy(v->directory, "/tmp/hawser-control-XXXXXX");
    assert_non_null(mkdtemp(v->directory));
    snprintf(v->path, sizeof(v->path), "%s/door", v->directory);
    street_begin(&v->street, NULL);
    street_open_up(&v->street);
    struct hws_fault fault = {0};
    v->control = hws_control_new(v->street.scene.loop, v->path, &fault);
    if (!v->control)
        fail_msg("%s", fault.text);
    knock(v);
}

static void visit_end(struct visit *v)
{
    hws_link_free(v->link);
    hws_control_free(v->control);
    assert_int_equal(access(v->path, F_OK), -1);
    assert_int_equal(rmdir(v->directory), 0);
    street_end(&v->street);
}

static void say(struct visit *v, const char *words)
{
    v->size = 0;
    hws_link_write(v->link, (const uint8_t *)words, strlen(words));
}

/* Read what is there; whether a line ends it, or the door was shut. */
static bool is_answered(struct street *street)
{
    struct visit *v = visiting;
    (void)street;
    while ((v->status = hws_link_read(v->link, (uint8_t *)v->answer + v->size,
                                      ANSWER_SIZE - 1 - v->size)) > 0)
        v->size += (size_t)v->status;
    v->answer[v->size] = '\0';
    return v->status != HWS_E_AGAIN ||
           (v->size > 0 && v->answer[v->size - 1] == '\n');
}

static const char *ask(struct visit *v, const char *words)
{
    say(v, words);
    street_wait(&v->street, is_answered);
    return v->answer;
}

/* The line of the only client. */
static struct hws_control_line look(struct visit *v)
{
    struct hws_control_line line;
    const char *answer = ask(v, "look\n");
    const char *second = strchr(answer, '\n');
    assert_non_null(second);
    assert_non_null(strstr(answer, "\"connections\":1}"));
    assert_int_equal(hws_control_read(hws_span_text(second + 1), &line), 0);
    return line;
}

TEST(a_look_shows_each_client_as_it_is)
{
    struct visit v;
    visit_begin(&v);
    peer_send_text(&v.street.scene.peer, "hello");
    struct hws_control_line line = look(&v);
    while (line.snapshot.messages_in == 0)
        line = look(&v);
    assert_int_equal(line.id, 1);
    assert_string_equal(line.state, "up");
    assert_false(line.paused);
    assert_string_equal(line.url, v.street.url);
    assert_int_equal(line.snapshot.messages_in, 1);
    assert_int_equal(line.snapshot.connections, 1);
    assert_int_equal(line.last_fault.status, HWS_OK);
    hws_client_free(v.street.scene.client);
    v.street.scene.client = NULL;
    assert_non_null(strstr(ask(&v, "look\n"), "\"connections\":0}"));
    visit_end(&v);
}

TEST(words_act_on_the_client_that_they_name)
{
    struct visit v;
    visit_begin(&v);
    assert_string_equal(ask(&v, "pause 1\n"), "{\"done\":\"pause\"}\n");
    assert_true(look(&v).paused);
    assert_string_equal(ask(&v, "resume 1\r\n"), "{\"done\":\"resume\"}\n");
    assert_false(look(&v).paused);
    assert_string_equal(ask(&v, "ping 1\n"), "{\"done\":\"ping\"}\n");
    assert_int_equal(look(&v).snapshot.pings_out, 1);
    assert_string_equal(ask(&v, "reconnect 1\n"), "{\"done\":\"reconnect\"}\n");
    while (strcmp(look(&v).state, "up") == 0)
        street_turn(&v.street, HWS_MS(10)); /* the peer does not answer */
    visit_end(&v);
}

TEST(what_is_no_word_is_answered_with_those_that_are)
{
    struct visit v;
    visit_begin(&v);
    assert_non_null(
        strstr(ask(&v, "stop\n"), "{\"error\":\"'stop': the words"));
    assert_non_null(strstr(ask(&v, "ping 2\n"), "no such connection"));
    assert_non_null(strstr(ask(&v, "ping\n"), "no such connection"));
    assert_non_null(strstr(ask(&v, "ping 1x\n"), "no such connection"));
    assert_non_null(strstr(ask(&v, "pin 1\n"), "the words are"));
    assert_non_null(strstr(ask(&v, "\x1b\"\n"), "{\"error\":\"'?\\\"'"));
    visit_end(&v);
}

TEST(words_may_come_in_pieces_and_many_at_once)
{
    struct visit v;
    visit_begin(&v);
    say(&v, "pi");
    street_turn(&v.street, HWS_MS(5));
    assert_string_equal(ask(&v, "ng 1\n"), "{\"done\":\"ping\"}\n");
    say(&v, "ping 1\nping 1\nping 1\n");
    street_turn(&v.street, HWS_MS(20));
    is_answered(&v.street);
    assert_string_equal(v.answer,
                        "{\"done\":\"ping\"}\n{\"done\":\"ping\"}\n"
                        "{\"done\":\"ping\"}\n");
    visit_end(&v);
}

TEST(an_endless_line_is_refused_and_its_viewer_goes)
{
    struct visit v;
    char line[300];
    visit_begin(&v);
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    assert_non_null(strstr(ask(&v, line), "more than 127 bytes"));
    while (v.status == HWS_E_AGAIN) {
        street_turn(&v.street, HWS_MS(1));
        is_answered(&v.street);
    }
    visit_end(&v);
}

/* It asks and asks, and reads nothing: it is asked nothing back, and others
 * are answered. */
TEST(a_viewer_that_does_not_read_holds_nobody_up)
{
    struct visit v;
    visit_begin(&v);
    struct hws_link *deaf = v.link;
    ptrdiff_t put = 1;
    for (int i = 0; i < 100000 && put > 0; i++) {
        put = hws_link_write(deaf, (const uint8_t *)"look\nlook\n", 10);
        if (i % 100 == 0)
            street_turn(&v.street, 0);
    }
    assert_int_equal(put, HWS_E_AGAIN);
    knock(&v);
    assert_int_equal(look(&v).id, 1);
    hws_link_free(deaf);
    assert_int_equal(look(&v).id, 1);
    visit_end(&v);
}

TEST(nine_viewers_are_too_many)
{
    struct visit v;
    struct hws_link *others[7];
    visit_begin(&v);
    look(&v);
    for (int i = 0; i < 7; i++) {
        others[i] = v.link;
        knock(&v);
        look(&v);
    }
    struct hws_link *eighth = v.link;
    knock(&v);
    street_turn(&v.street, HWS_MS(5));
    assert_true(is_answered(&v.street));
    assert_true(v.status < 0 && v.status != HWS_E_AGAIN);
    hws_link_free(v.link);
    hws_link_free(eighth);
    v.link = NULL;
    street_turn(&v.street, HWS_MS(5));
    knock(&v);
    look(&v);
    for (int i = 0; i < 7; i++)
        hws_link_free(others[i]);
    visit_end(&v);
}

TEST(only_its_owner_may_open_the_socket)
{
    struct visit v;
    struct stat found;
    visit_begin(&v);
    assert_int_equal(stat(v.path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    visit_end(&v);
}

/* In a child process: what another user gets who asks. */
static int ask_as_nobody(const char *path)
{
    static const uint8_t look_word[] = "look\n";
    uint8_t answer[16];
    ptrdiff_t got;
    struct hws_link *link = hws_unix_new(path);
    if (setuid(65534) != 0 || hws_link_open(link, 1) != 0)
        return 2;
    hws_link_write(link, look_word, sizeof(look_word) - 1);
    while ((got = hws_link_read(link, answer, sizeof(answer))) == HWS_E_AGAIN)
        sched_yield();
    return got > 0 ? 1 : 0;
}

/* Even where the mode of the socket was opened by hand. */
TEST(another_user_is_shown_out)
{
    struct visit v;
    int how = -1;
    if (geteuid() != 0)
        skip();
    visit_begin(&v);
    assert_int_equal(chmod(v.directory, 0755), 0);
    assert_int_equal(chmod(v.path, 0666), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(ask_as_nobody(v.path));
    while (waitpid(child, &how, WNOHANG) == 0)
        street_turn(&v.street, HWS_MS(1));
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
    visit_end(&v);
}

static void assert_refused(struct visit *v, const char *path,
                           enum hws_status status, const char *why)
{
    struct hws_fault fault = {0};
    assert_null(hws_control_new(v->street.scene.loop, path, &fault));
    assert_int_equal(fault.status, status);
    if (!strstr(fault.text, why))
        fail_msg("'%s' does not say '%s'", fault.text, why);
    assert_null(hws_control_new(v->street.scene.loop, path, NULL));
}

TEST(what_stands_in_its_place_is_left_alone_unless_it_is_dead)
{
    struct visit v;
    char file[96];
    visit_begin(&v);
    assert_refused(&v, v.path, HWS_E_STATE, "a program listens there");
    assert_refused(&v, "door", HWS_E_ARGUMENT, "not absolute");
    assert_refused(&v, "/nowhere/door", HWS_E_SYSTEM, "cannot listen");
    snprintf(file, sizeof(file), "%s/file", v.directory);
    close(open(file, O_CREAT | O_WRONLY, 0600));
    assert_refused(&v, file, HWS_E_STATE, "is no socket");
    assert_int_equal(access(file, F_OK), 0);
    unlink(file);
    /* A program that died leaves the socket without a listener. */
    struct hws_listener *dead = hws_listener_new(file, 0, 1, NULL);
    char moved[112];
    snprintf(moved, sizeof(moved), "%s.kept", file);
    assert_int_equal(rename(file, moved), 0);
    hws_listener_free(dead);
    assert_int_equal(rename(moved, file), 0);
    struct hws_control *second =
        hws_control_new(v.street.scene.loop, file, NULL);
    assert_non_null(second);
    hws_control_free(second);
    visit_end(&v);
}

TEST(lines_that_are_none_are_refused)
{
    struct hws_control_line line;
    static const char *const bad[] = {
        "",
        "{}",
        "null",
        "{\"id\":1}",
        "{\"id\":-1,\"state\":\"up\"}",
        "{\"id\":\"1\",\"state\":\"up\"}",
        "{\"id\":1,\"state\":2}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(hws_control_read(hws_span_text(bad[i]), &line),
                         HWS_E_ARGUMENT);
    assert_int_equal(
        hws_control_read(hws_span_text("{\"id\":7,\"state\":\"up\"}"), &line),
        0);
    assert_int_equal(line.id, 7);
    assert_int_equal(line.snapshot.up_since, HWS_NEVER);
    assert_string_equal(line.snapshot.verdict_text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(a_look_shows_each_client_as_it_is),
        RUN(words_act_on_the_client_that_they_name),
        RUN(what_is_no_word_is_answered_with_those_that_are),
        RUN(words_may_come_in_pieces_and_many_at_once),
        RUN(an_endless_line_is_refused_and_its_viewer_goes),
        RUN(a_viewer_that_does_not_read_holds_nobody_up),
        RUN(nine_viewers_are_too_many),
        RUN(another_user_is_shown_out),
        RUN(only_its_owner_may_open_the_socket),
        RUN(what_stands_in_its_place_is_left_alone_unless_it_is_dead),
        RUN(lines_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
