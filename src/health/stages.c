#include "health/stages.h"

#include "base/mem.h"

/* A group that took longer than this hid who was slow. */
#define GROUP_SLOW HWS_US(100)
/* One message in so many is slow: from there on they are taken one by one, and
 * below it a group of them hides less than one in a hundred. */
#define CAREFUL 8192
/* Whose handling takes longer than this can afford a look at the clock. */
#define WORTH_A_LOOK HWS_US(3)
/* No less is a clock that was set. */
#define STEP_MIN HWS_MS(50)
/* Bytes that came within such a time came at once. */
#define AT_ONCE HWS_US(50)

const char *hws_stage_name(enum hws_stage stage)
{
    static const char *const names[] = {
        [HWS_STAGE_NETWORK] = "network",
        [HWS_STAGE_QUEUE] = "queue",
        [HWS_STAGE_PROCESSING] = "processing",
        [HWS_STAGE_TOTAL] = "total",
    };
    return (unsigned)stage < HWS_STAGES ? names[stage] : "unknown";
}

static bool make(struct hws_histogram **histogram)
{
    *histogram = hws_histogram_new();
    return *histogram != NULL;
}

struct hwi_stages *hwi_stages_new(const struct hws_reading *reading, bool timed)
{
    struct hwi_stages *s = hwi_alloc_zero(sizeof(*s));
    if (!s)
        return NULL;
    s->reading = reading;
    s->looked_at = reading->at;
    s->group = HWI_GROUP_MAX;
    s->network_min = s->round_trip = HWS_NEVER;
    bool made =
        make(&s->of[HWS_STAGE_QUEUE]) && make(&s->of[HWS_STAGE_PROCESSING]);
    if (timed)
        made = made && make(&s->of[HWS_STAGE_NETWORK]) &&
               make(&s->of[HWS_STAGE_TOTAL]);
    if (made)
        return s;
    hwi_stages_free(s);
    return NULL;
}

void hwi_stages_free(struct hwi_stages *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < HWS_STAGES; i++)
        hws_histogram_free(s->of[i]);
    hwi_free(s);
}

static void note(struct hwi_stages *s, enum hws_stage stage, int64_t lag,
                 uint32_t count)
{
    int64_t seen = lag < 0 ? 0 : lag;
    hws_histogram_note_many(s->of[stage], seen, count);
    s->last[stage] = lag;
    s->sums.count[stage] += count;
    s->sums.lag[stage] += seen * count;
}

/* How long before the newest byte of the reading this message came. */
static hws_time earlier(const struct hwi_stages *s, uint32_t index)
{
    const struct hws_reading *r = s->reading;
    hws_time spread = r->arrived - r->oldest;
    if (spread < AT_ONCE)
        return 0;
    double part = (double)(index + 1) / s->told;
    double end = (double)s->before + (double)(s->taken - s->before) * part;
    return end < (double)r->size
               ? (hws_time)((double)spread * (1 - end / (double)r->size))
               : 0;
}

/* Of what came before the newest byte the arrival is a guess. */
static bool is_guess(const struct hwi_stages *s, uint32_t index)
{
    return s->reading->arrived != HWS_NEVER && earlier(s, index) > 0;
}

/* No message is thought to have been faster than the fastest that is known. */
static hws_time soonest(const struct hwi_stages *s, uint32_t index)
{
    hws_time event_time = s->event_times[index], at;
    if (!s->of[HWS_STAGE_NETWORK] || s->network_min == HWS_NEVER ||
        event_time == HWS_NEVER || event_time == HWI_UNSEEN ||
        __builtin_add_overflow(event_time, s->network_min, &at))
        return INT64_MIN;
    return at < s->reading->arrived ? at : s->reading->arrived;
}

static hws_time came_at(const struct hwi_stages *s, uint32_t index)
{
    if (s->reading->arrived == HWS_NEVER)
        return s->reading->realtime;
    hws_time before = earlier(s, index);
    hws_time guess = s->reading->arrived - before;
    if (before == 0)
        return guess;
    hws_time bound = soonest(s, index);
    return guess > bound ? guess : bound;
}

/* The network took half of a round trip at least, but for the clocks. */
static int64_t network_more(const struct hwi_stages *s)
{
    hws_time least = s->round_trip == HWS_NEVER ? 0 : s->round_trip / 2;
    return s->network_min - least;
}

int64_t hwi_stages_clock_offset(const struct hwi_stages *s)
{
    if (s->network_min == HWS_NEVER || s->round_trip == HWS_NEVER)
        return HWS_NEVER;
    return -network_more(s);
}

/* Data from the future tells of a wrong clock; data that is late may be late.
 */
void hwi_stages_correct(struct hwi_stages *s, hws_time round_trip)
{
    s->round_trip = round_trip;
    if (s->network_min < 0)
        s->offset = network_more(s);
}

/*
 * Our clock was set: what came at best before would come so much later now, or
 * earlier. Slewing, which is slower by far, is left to be.
 */
static void notice_step(struct hwi_stages *s)
{
    hws_time at = s->reading->at;
    hws_time ahead = s->reading->realtime - at;
    hws_time moved = ahead - s->ahead;
    hws_time slewed = STEP_MIN + (at - s->ahead_at) / 1000;
    bool is_step = s->ahead_at && (moved > slewed || moved < -slewed);
    s->ahead = ahead;
    s->ahead_at = at;
    if (!is_step || s->network_min == HWS_NEVER)
        return;
    s->network_min += moved;
    hwi_stages_correct(s, s->round_trip);
}

void hwi_stages_begin(struct hwi_stages *s)
{
    notice_step(s);
    s->looked_at = s->reading->at;
    s->taken = s->before = 0;
    s->told = 0;
}

/* A message stands for itself and `others`. */
static void note_times(struct hwi_stages *s, uint32_t index, hws_time end,
                       uint32_t others)
{
    hws_time event_time = s->event_times[index];
    int64_t network, total;
    if (event_time == HWS_NEVER ||
        __builtin_sub_overflow(came_at(s, index), event_time, &network) ||
        __builtin_sub_overflow(end, event_time, &total))
        return;
    if (network < s->network_min && !is_guess(s, index)) {
        s->network_min = network;
        hwi_stages_correct(s, s->round_trip);
    }
    note(s, HWS_STAGE_NETWORK, network - s->offset, 1 + others);
    note(s, HWS_STAGE_TOTAL, total - s->offset, 1 + others);
}

/* Who was not looked at is stood for by the one before that was; where a group
 * begins with such, by the first of it, or of a later group. */
static void note_group(struct hwi_stages *s, hws_time end)
{
    uint32_t told = s->told < HWI_GROUP_MAX ? s->told : HWI_GROUP_MAX;
    uint32_t i = 0;
    for (; i < told && s->event_times[i] == HWI_UNSEEN; i++)
        s->unseen++;
    while (i < told) {
        uint32_t seen = i++;
        for (; i < told && s->event_times[i] == HWI_UNSEEN; i++)
            s->unseen++;
        note_times(s, seen, end, s->unseen);
        s->unseen = 0;
    }
}

/* Messages that came at once share a note. */
static void note_queue(struct hwi_stages *s)
{
    const struct hws_reading *r = s->reading;
    uint32_t first = 0, last = s->told - 1;
    if (r->arrived == HWS_NEVER)
        return;
    hws_time came = came_at(s, last);
    if (came - came_at(s, first) < AT_ONCE) {
        note(s, HWS_STAGE_QUEUE, r->realtime - came, s->told);
        return;
    }
    for (uint32_t i = first; i <= last; i++)
        note(s, HWS_STAGE_QUEUE, r->realtime - came_at(s, i), 1);
}

static void note_reading(struct hwi_stages *s)
{
    int64_t before = s->sums.lag[HWS_STAGE_QUEUE];
    note_queue(s);
    if (s->reading->after_callbacks)
        s->sums.behind += s->sums.lag[HWS_STAGE_QUEUE] - before;
}

/* How many messages share the next look at the clock. */
static void pace(struct hwi_stages *s, hws_time spent)
{
    if (s->told > 1 && spent > GROUP_SLOW)
        s->careful = CAREFUL;
    else
        s->careful -= s->careful < s->told ? s->careful : s->told;
    bool one_by_one = s->careful || spent > WORTH_A_LOOK * s->told;
    s->group = one_by_one ? 1 : HWI_GROUP_MAX;
}

void hwi_stages_handled(struct hwi_stages *s, hws_time now)
{
    if (s->told == 0)
        return;
    hws_time since_read = now - s->reading->at;
    note(s, HWS_STAGE_PROCESSING, since_read, s->told);
    note_reading(s);
    if (s->of[HWS_STAGE_NETWORK])
        note_group(s, s->reading->realtime + since_read);
    pace(s, now - s->looked_at);
    s->looked_at = now;
    s->before = s->taken;
    s->told = 0;
}

void hwi_stages_show(const struct hwi_stages *s, enum hws_stage stage,
                     struct hws_stage_lag *lag)
{
    const struct hws_histogram *h = s->of[stage];
    *lag = (struct hws_stage_lag){0};
    if (!h)
        return;
    lag->count = hws_histogram_count(h);
    lag->last = s->last[stage];
    lag->max = hws_histogram_percentile(h, 100);
    lag->p50 = hws_histogram_percentile(h, 50);
    lag->p99 = hws_histogram_percentile(h, 99);
}
