/*
 * A log-linear histogram: every octave from 64 on is cut into 64 buckets of
 * equal width, so a bucket is at most 1/64 of its values wide and its middle
 * is off by at most 1/128. Below 128 a bucket holds one value only.
 *
 * Buckets count 32 bits to keep the whole at 11 KiB. When one is full, all
 * are halved: shares stay, and the true number of notes is kept beside them.
 */
#include "hawser/health.h"

#include "base/mem.h"

#include <string.h>

#define SUB_BITS 6
#define VALUE_BITS 46
#define VALUE_MAX ((int64_t)1 << VALUE_BITS)
/* The exact ones, 64 for each octave above, and one for VALUE_MAX itself. */
#define BUCKETS ((1 << SUB_BITS) * (VALUE_BITS - SUB_BITS + 1) + 1)

struct hws_histogram {
    uint64_t count;    /* notes */
    double sum;        /* of the values */
    int64_t min, max;  /* exact; meaningless while count is 0 */
    unsigned halvings; /* a bucket stands for its count * 2^halvings */
    uint32_t buckets[BUCKETS];
};

static size_t bucket_of(int64_t value)
{
    if (value < 1 << SUB_BITS)
        return (size_t)value;
    int octave = 63 - __builtin_clzll((unsigned long long)value) - SUB_BITS;
    return (size_t)((octave << SUB_BITS) + (value >> octave));
}

static int64_t middle_of(size_t bucket)
{
    if (bucket < 2 << SUB_BITS)
        return (int64_t)bucket;
    int octave = (int)(bucket >> SUB_BITS) - 1;
    int64_t low = (int64_t)(bucket - ((size_t)octave << SUB_BITS)) << octave;
    return low + (((int64_t)1 << octave) - 1) / 2;
}

struct hws_histogram *hws_histogram_new(void)
{
    return hwi_alloc_zero(sizeof(struct hws_histogram));
}

void hws_histogram_free(struct hws_histogram *h)
{
    hwi_free(h);
}

void hws_histogram_reset(struct hws_histogram *h)
{
    memset(h, 0, sizeof(*h));
}

/* Round up, so that a value that was noted stays to be seen. */
static void halve(struct hws_histogram *h)
{
    for (size_t i = 0; i < BUCKETS; i++)
        h->buckets[i] = h->buckets[i] / 2 + h->buckets[i] % 2;
    h->halvings++;
}

static void widen(struct hws_histogram *h, int64_t min, int64_t max)
{
    if (h->count == 0 || min < h->min)
        h->min = min;
    if (h->count == 0 || max > h->max)
        h->max = max;
}

static int64_t within(int64_t value)
{
    if (value < 0)
        return 0;
    return value > VALUE_MAX ? VALUE_MAX : value;
}

/* After halvings one note weighs less than one: it is drawn by its turn. */
static uint64_t draw(struct hws_histogram *h, uint64_t count)
{
    uint64_t before = h->count;
    h->count += count;
    return (h->count >> h->halvings) - (before >> h->halvings);
}

void hws_histogram_note_many(struct hws_histogram *h, int64_t value,
                             uint64_t count)
{
    if (count == 0)
        return;
    value = within(value);
    widen(h, value, value);
    uint64_t weight = draw(h, count);
    h->sum += (double)value * (double)count;
    uint32_t *bucket = &h->buckets[bucket_of(value)];
    for (; weight > UINT32_MAX - *bucket; weight = (weight + 1) / 2)
        halve(h);
    *bucket += (uint32_t)weight;
}

void hws_histogram_note(struct hws_histogram *h, int64_t value)
{
    hws_histogram_note_many(h, value, 1);
}

static uint32_t shrunk(uint32_t bucket, unsigned shift)
{
    uint64_t most = (UINT64_C(1) << shift) - 1;
    return (uint32_t)((bucket + most) >> shift);
}

static bool fits(const struct hws_histogram *h,
                 const struct hws_histogram *other, unsigned shift)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        if (h->buckets[i] > UINT32_MAX - shrunk(other->buckets[i], shift))
            return false;
    }
    return true;
}

void hws_histogram_add(struct hws_histogram *h,
                       const struct hws_histogram *other)
{
    if (other->count == 0)
        return;
    while (h->halvings < other->halvings)
        halve(h);
    while (!fits(h, other, h->halvings - other->halvings))
        halve(h);
    unsigned shift = h->halvings - other->halvings;
    for (size_t i = 0; i < BUCKETS; i++)
        h->buckets[i] += shrunk(other->buckets[i], shift);
    widen(h, other->min, other->max);
    h->count += other->count;
    h->sum += other->sum;
}

uint64_t hws_histogram_count(const struct hws_histogram *h)
{
    return h->count;
}

/* The bucket in which the `rank`-th note lies, from 1. */
static size_t bucket_at(const struct hws_histogram *h, uint64_t rank)
{
    uint64_t seen = 0;
    size_t i = 0;
    for (; i < BUCKETS - 1; i++) {
        seen += h->buckets[i];
        if (seen >= rank)
            break;
    }
    return i;
}

static uint64_t weight_of(const struct hws_histogram *h)
{
    uint64_t weight = 0;
    for (size_t i = 0; i < BUCKETS; i++)
        weight += h->buckets[i];
    return weight;
}

int64_t hws_histogram_percentile(const struct hws_histogram *h, double percent)
{
    if (h->count == 0)
        return 0;
    if (!(percent > 0))
        return h->min;
    if (percent >= 100)
        return h->max;
    double share = percent / 100 * (double)weight_of(h);
    uint64_t rank = (uint64_t)share;
    if ((double)rank < share || rank == 0)
        rank++;
    int64_t value = middle_of(bucket_at(h, rank));
    if (value < h->min)
        return h->min;
    return value > h->max ? h->max : value;
}

double hws_histogram_mean(const struct hws_histogram *h)
{
    return h->count ? h->sum / (double)h->count : 0;
}
