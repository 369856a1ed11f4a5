#include "rate.h"

#define MEMORY HWS_S(2) /* a note's weight falls to 1/e in this time */
#define LOG2_E 1.4426950408889634

/* 2^-x for x in [0, 1]: Taylor's series of e^(-x ln 2), off by < 2e-5. */
static double half_part(double x)
{
    double y = x * 0.6931471805599453;
    return 1 - y * (1 - y / 2 * (1 - y / 3 * (1 - y / 4 * (1 - y / 5))));
}

/* exp(-age / MEMORY) without libm, which nothing else here needs. */
static double fading(hws_time age)
{
    if (age <= 0)
        return 1;
    double halves = (double)age / (double)MEMORY * LOG2_E;
    if (halves > 60)
        return 0;
    uint64_t whole = (uint64_t)halves;
    return half_part(halves - (double)whole) / (double)(UINT64_C(1) << whole);
}

void hwi_rate_init(struct hwi_rate *r)
{
    *r = (struct hwi_rate){.next = INT64_MIN};
}

/* The weight at `now`. Fresh notes came within one step after the last
 * folding (the next one would have folded); they count from its middle. */
static double weight_at(const struct hwi_rate *r, uint64_t count, hws_time now)
{
    hws_time age = now - r->at;
    hws_time fresh_age = age - HWI_RATE_STEP / 2;
    return r->weight * fading(age) +
           (double)(count - r->folded) * fading(fresh_age);
}

void hwi_rate_fold(struct hwi_rate *r, uint64_t count, hws_time now)
{
    if (r->next == INT64_MIN)
        r->begin_at = r->at = now;
    r->weight = weight_at(r, count, now);
    r->folded = count;
    r->at = now;
    r->next = now + HWI_RATE_STEP;
}

double hwi_rate_per_second(const struct hwi_rate *r, uint64_t count,
                           hws_time now)
{
    /* While the memory is not yet full, divide by as much of it as there
     * was; below one step there is too little to tell. */
    hws_time span = now - r->begin_at;
    if (r->next == INT64_MIN || span <= 0)
        return 0;
    if (span < HWI_RATE_STEP)
        span = HWI_RATE_STEP;
    double seconds = (1 - fading(span)) * (double)MEMORY / 1e9;
    return weight_at(r, count, now) / seconds;
}
