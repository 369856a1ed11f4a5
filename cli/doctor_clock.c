/* Judges this clock against the server's: by the feed's own times where they
 * are shown, else by the Date of the answer, which is whole seconds. */
#include "doctor_facts.h"
#include "doctor_head.h"
#include "units.h"

#include <stdio.h>
#include <string.h>

/* Synchronised clocks differ by a few milliseconds; a lag measured with them is
 * wrong by as much. */
#define FEED_TOLERANCE HWS_MS(100)
/* Half a second for the rounding of a Date, the rest for a server that writes
 * it once a second. */
#define DATE_TOLERANCE HWS_MS(1500)

/* The least round trip; 0 when none is known. */
static hws_time round_trip(const struct doctor_facts *facts)
{
    hws_time least = HWS_NEVER;
    for (unsigned i = 0; i < facts->pongs; i++)
        if (facts->round_trips[i] < least)
            least = facts->round_trips[i];
    return least == HWS_NEVER ? 0 : least;
}

static void say_offset(struct doctor_finding *f, hws_time offset,
                       const char *whose)
{
    char text[UNITS_TEXT_MAX];
    doctor_say(f, "this clock is %s %s %s",
               units_delay(text, offset < 0 ? -offset : offset),
               offset < 0 ? "behind" : "ahead of", whose);
}

static bool is_beyond(hws_time offset, hws_time tolerance)
{
    return offset > tolerance || offset < -tolerance;
}

static void judge_feed(struct doctor_finding *f,
                       const struct doctor_facts *facts)
{
    char text[UNITS_TEXT_MAX];
    hws_time half = round_trip(facts) / 2;
    hws_time offset = facts->lag_min - half;
    say_offset(f, offset, "the feed's");
    doctor_say(f, ": least lag of %llu messages, less half a round trip of %s",
               (unsigned long long)facts->lag_count,
               units_delay(text, 2 * half));
    doctor_ms(f, "offset_ms", offset);
    doctor_text(f, "by", "lag");
    doctor_raise(f, DOCTOR_GOOD);
    if (offset > FEED_TOLERANCE)
        doctor_advise(f, DOCTOR_WARN,
                      "set this clock by NTP ('timedatectl' tells); if it is "
                      "right, the feed sends each message late by this much");
    else if (offset < -FEED_TOLERANCE)
        doctor_advise(f, DOCTOR_WARN,
                      "set this clock by NTP ('timedatectl' tells); if it is "
                      "right, the feed's is fast");
}

static void judge_date(struct doctor_finding *f,
                       const struct doctor_facts *facts, hws_time date)
{
    hws_time read = facts->up_realtime - round_trip(facts) / 2;
    hws_time offset = read - (date + HWS_MS(500));
    bool beyond = is_beyond(offset, DATE_TOLERANCE);
    doctor_ms(f, "offset_ms", offset);
    doctor_text(f, "by", "date");
    doctor_raise(f, DOCTOR_GOOD);
    if (!beyond) {
        doctor_say(f,
                   "agrees with the server's Date, to the second that it "
                   "can tell");
        return;
    }
    say_offset(f, offset, "the server's");
    doctor_say(f, " by its Date, give or take 1 s");
    doctor_advise(f, DOCTOR_WARN,
                  "set both clocks by NTP ('timedatectl' tells): lags and "
                  "certificates are judged by them");
}

void doctor_judge_clock(const struct doctor_facts *facts,
                        struct doctor_sheet *sheet)
{
    char text[64];
    hws_time date;
    struct doctor_finding *f = doctor_begin(sheet, "clock", "clock");
    if (!facts->was_up) {
        doctor_say(f, DOCTOR_NOT_REACHED);
        return;
    }
    doctor_head_get(facts->wire.answer, "Date", text, sizeof text);
    if (facts->lag_count)
        judge_feed(f, facts);
    else if (doctor_date_read(text, &date))
        judge_date(f, facts, date);
    else
        doctor_say(f, "the server shows no time%s",
                   facts->has_lag ? "" : "; --lag reads that of the messages");
    if (facts->has_lag && !facts->lag_count)
        doctor_advise(f, DOCTOR_WARN,
                      facts->messages ? "no message has a time where --lag "
                                        "points: check pointer and unit"
                                      : "no message came to read the time of");
}
