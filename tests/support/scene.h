/*
 * A client, its world and its peer in one place, and a journal of what the
 * client told, as words that a test can read:
 *
 *   up  text(hello)  binary(3)  ping(x)  pong(x)  high  low
 *   closing(peer 1001)  down(closed)  down(refused)!     ! = final
 *   redirect(302 ws://other.example/)  stale(60 s)  verdict(app)
 */
#ifndef TEST_SCENE_H
#define TEST_SCENE_H

#include "support/peer.h"
#include "support/world.h"

#define SCENE_JOURNAL_MAX 8192

struct scene {
    struct world world;
    struct hws_loop *loop; /* the world's, or a real one */
    struct hws_client_options options;
    struct hws_client *client;
    struct peer peer;                /* plays the newest connection */
    struct hws_pair_options pair;    /* of the connections that follow */
    bool served;                     /* by a real server in place of peer */
    struct hws_conn *server;         /* the newest of these */
    struct hws_conn_options serving; /* how it serves */
    unsigned links;                  /* connections asked for */
    unsigned links_refused;          /* so many of the next get no transport */
    char url[256];                   /* of the last one */

    char journal[SCENE_JOURNAL_MAX];
    size_t journal_size;
    unsigned ups, downs, messages;
    bool is_up, is_down;    /* as the last of these events said */
    struct hws_event down;  /* the last one; spans and fault are not kept */
    struct hws_fault fault; /* of the last DOWN */
    unsigned attempt, connection; /* of the last UP */
    hws_time round_trip;          /* of the last PONG */
    /* Called after each event was noted; may be NULL. */
    void (*then)(struct scene *s, const struct hws_event *event);
    void *more; /* the test's */
};

/* A world, and options for a client that connects to the peer in it. */
void scene_begin(struct scene *s);
/* Make the client and open it, up to the request. */
void scene_open(struct scene *s);
/* ... and up to UP; the journal is empty then. */
void scene_open_up(struct scene *s);
/* Free what is left and check that the world is empty. */
void scene_end(struct scene *s);

/* Let the peer accept the next connection that was asked for, and settle. */
void scene_accept(struct scene *s);
void scene_settle(struct scene *s);
void scene_pass(struct scene *s, hws_time delay);
/* Pass time until the next attempt has been made; fails after a day. */
void scene_next_attempt(struct scene *s);
/* The journal is this text; it is emptied. */
void scene_expect(struct scene *s, const char *words);
void scene_forget(struct scene *s);
struct hws_snapshot scene_snapshot(const struct scene *s);
/* Send text from the client; fails the test when refused. */
void scene_send(struct scene *s, const char *text);

/* The callbacks, for tests that set options of their own. */
void scene_note(struct hws_client *client, const struct hws_event *event,
                void *user);
struct hws_link *scene_link(struct hws_client *client, const char *url,
                            void *user);

#endif
