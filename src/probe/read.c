/*
 * The figures as they stand: the counters, and what the histograms say.
 */
#include "probe/probe.h"

static struct hws_probe_spread spread_of(const struct hws_histogram *h)
{
    return (struct hws_probe_spread){
        .count = hws_histogram_count(h),
        .min = hws_histogram_percentile(h, 0),
        .p50 = hws_histogram_percentile(h, 50),
        .p99 = hws_histogram_percentile(h, 99),
        .max = hws_histogram_percentile(h, 100),
    };
}

void hws_probe_read(struct hws_probe *p, struct hws_probe_figures *figures)
{
    struct hws_probe_figures *f = &p->figures;
    if (!p->is_over)
        f->spent = hwi_probe_now() - p->begun;
    f->delay = spread_of(p->spreads[HWI_DELAY]);
    f->slept = spread_of(p->spreads[HWI_SLEPT]);
    f->waited = spread_of(p->spreads[HWI_WAITED]);
    f->ran = spread_of(p->spreads[HWI_RAN]);
    f->turn_slept = spread_of(p->spreads[HWI_TURN_SLEPT]);
    f->post = spread_of(p->spreads[HWI_POST]);
    f->late = spread_of(p->spreads[HWI_LATE]);
    f->late_slept = spread_of(p->spreads[HWI_LATE_SLEPT]);
    f->load_delay = spread_of(p->spreads[HWI_LOAD_DELAY]);
    /* The only one that the other thread fills. */
    if (!p->is_over)
        pthread_mutex_lock(&p->poker.lock);
    f->machine = spread_of(p->spreads[HWI_MACHINE]);
    if (!p->is_over)
        pthread_mutex_unlock(&p->poker.lock);
    *figures = *f;
}

const struct hws_histogram *hws_probe_delays(const struct hws_probe *p)
{
    return p->spreads[HWI_DELAY];
}
