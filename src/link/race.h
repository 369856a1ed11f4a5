/*
 * Happy Eyeballs, the racing part (RFC 8305 sections 4 and 5): addresses are
 * tried in turn, families alternating, each a little after the last one; the
 * first that connects wins and all others are closed. It knows no names.
 */
#ifndef HWI_RACE_H
#define HWI_RACE_H

#include "hawser/link.h"
#include "link/address.h"
#include "link/dial_trace.h"

/* Attempts in flight. When one more is due, the oldest gives way. */
#define HWI_RACE_WIDTH 8
#define HWI_RACE_LIST (2 * HWI_ANSWER_MAX)

struct hwi_attempt {
    int fd; /* -1: none */
    size_t address;
};

struct hwi_race {
    struct hwi_address list[HWI_RACE_LIST];
    size_t count;
    size_t next; /* the first address that was not tried */
    struct hwi_attempt flying[HWI_RACE_WIDTH]; /* oldest first */
    size_t flying_count;
    hws_time next_deadline; /* when the next address is tried */
    int first_error;        /* errno of the first failure, or 0 */
    size_t first_address;   /* whose it was */
    const struct hws_tcp_options *tcp;
    const struct hwi_dial_trace *trace; /* NULL: nobody watches */
    hws_time attempt_delay;
    hws_time end_deadline; /* by then every address shall have been tried */
};

void hwi_race_init(struct hwi_race *r, const struct hws_tcp_options *tcp,
                   hws_time attempt_delay);
void hwi_race_release(struct hwi_race *r);

/* Add one family's addresses, alternating with those that wait. */
void hwi_race_add(struct hwi_race *r, const struct hwi_address *list,
                  size_t count);
/* Let the race begin with the address `places` later in the circle. */
void hwi_race_rotate(struct hwi_race *r, unsigned places);
/*
 * Look at what flies, start what is due. A connected descriptor, which is the
 * caller's then; HWS_E_AGAIN; or HWS_E_CONNECT: every address failed.
 */
int hwi_race_step(struct hwi_race *r, hws_time now);
size_t hwi_race_wants(const struct hwi_race *r, struct hws_want *wants);
/* When step() must be called again in any case. */
hws_time hwi_race_deadline(const struct hwi_race *r);

#endif
