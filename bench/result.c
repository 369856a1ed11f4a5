#include "result.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *values, unsigned count)
{
    double sorted[ROUNDS_MAX];
    memcpy(sorted, values, count * sizeof(sorted[0]));
    qsort(sorted, count, sizeof(sorted[0]), compare);
    double middle = sorted[count / 2];
    return count % 2 ? middle : (middle + sorted[count / 2 - 1]) / 2;
}

/* The figures beside CPU time are those of the last round. */
void side_note(struct side *side, unsigned round, const struct cost *cost)
{
    double n = (double)cost->messages;
    side->cpu[round] = (double)cost->cpu / n;
    side->user = (double)cost->user / n;
    side->system = (double)cost->system / n;
    side->wall = (double)cost->wall / n;
    side->calls = (double)cost->calls * 1000 / n;
    side->p50 = (double)cost->p50;
    side->p99 = (double)cost->p99;
    side->held = (double)cost->held;
    side->resident = (double)cost->resident;
}

void side_note_steps(struct side *side, const struct cost *cost)
{
    double n = (double)cost->messages;
    side->instructions = (double)cost->instructions / n;
    side->stepped_calls = (double)cost->stepped_calls * 1000 / n;
}

/* The ratio is the median of the rounds' ratios: a machine that drifts slows
 * both sides of a round. */
void result_finish(struct result *result)
{
    double ratios[ROUNDS_MAX];
    unsigned rounds = result->rounds;
    result->ours.median = median(result->ours.cpu, rounds);
    result->figure = 0;
    if (result->room->limit) {
        for (unsigned i = 0; i < rounds; i++)
            ratios[i] = result->ours.cpu[i] / result->limit.cpu[i];
        result->limit.median = median(result->limit.cpu, rounds);
        result->figure = median(ratios, rounds);
    }
    if (result->room->figure == FIGURE_HELD)
        result->figure = result->ours.held;
}

/* ---- the table ---- */

static const char *cell(char *text, size_t size, double value, int decimals)
{
    if (value < 0)
        snprintf(text, size, "-");
    else
        snprintf(text, size, "%.*f", decimals, value);
    return text;
}

void result_print_head(FILE *out)
{
    fprintf(out, "%-22s %-26s %8s %8s %6s %6s %7s %6s %5s %7s %7s %7s %7s\n",
            "", "limit", "limit ns", "ours ns", "ratio", "target", "instr",
            "ours", "aim", "calls/k", "ours", "stepped", "ours");
}

static void print_trips(FILE *out, const struct result *r)
{
    if (r->ours.p50 <= 0)
        return;
    fprintf(out,
            "%-22s %-26s p50 %.1f / %.1f us, p99 %.1f / %.1f us, p50 ratio "
            "%.2f\n",
            "", "", r->limit.p50 / 1000, r->ours.p50 / 1000,
            r->limit.p99 / 1000, r->ours.p99 / 1000,
            r->ours.p50 / r->limit.p50);
}

static void print_held(FILE *out, const struct result *r)
{
    fprintf(out,
            "%-22s %-26s %.0f B of ours a connection (target %.0f), resident "
            "%.1f KiB, limit's %.1f KiB; CPU %.2f ms in 5 s, limit's %.2f\n",
            r->room->name, r->room->limit_name, r->figure, r->room->target,
            r->ours.resident / 1024, r->limit.resident / 1024,
            r->ours.median * (double)r->room->scene.messages / 1e6,
            r->limit.median * (double)r->room->scene.messages / 1e6);
}

void result_print(FILE *out, const struct result *r)
{
    const struct room *room = r->room;
    char text[9][32];
    if (room->figure == FIGURE_HELD) {
        print_held(out, r);
        return;
    }
    bool alone = !room->limit;
    double aim = room->instruction_target;
    fprintf(out,
            "%-22s %-26s %8s %8.1f %6s %6s %7s %6s %5s %7s %7.1f %7s %7s\n",
            room->name, room->limit_name,
            cell(text[0], 32, alone ? -1 : r->limit.median, 1), r->ours.median,
            cell(text[1], 32, alone ? -1 : r->figure, 2),
            cell(text[2], 32, room->target > 0 ? room->target : -1, 2),
            cell(text[3], 32, alone ? -1 : r->limit.instructions, 0),
            cell(text[4], 32, r->ours.instructions, 0),
            cell(text[5], 32, aim > 0 ? aim : -1, 0),
            cell(text[6], 32, alone ? -1 : r->limit.calls, 1), r->ours.calls,
            cell(text[7], 32, alone ? -1 : r->limit.stepped_calls, 1),
            cell(text[8], 32, r->ours.stepped_calls, 1));
    print_trips(out, r);
}

/* ---- JSON ---- */

static void write_number(FILE *out, const char *name, double value)
{
    if (value < 0)
        fprintf(out, ",\"%s\":null", name);
    else
        fprintf(out, ",\"%s\":%.3f", name, value);
}

static void write_side(FILE *out, const char *name, const struct side *side)
{
    fprintf(out, ",\"%s\":{\"cpu_ns\":%.3f", name, side->median);
    write_number(out, "user_ns", side->user);
    write_number(out, "system_ns", side->system);
    write_number(out, "wall_ns", side->wall);
    write_number(out, "calls_per_1000", side->calls);
    write_number(out, "instructions", side->instructions);
    write_number(out, "stepped_calls_per_1000", side->stepped_calls);
    write_number(out, "p50_ns", side->p50);
    write_number(out, "p99_ns", side->p99);
    write_number(out, "held_bytes", side->held);
    write_number(out, "resident_bytes", side->resident);
    fprintf(out, "}");
}

void results_write_json(FILE *out, const struct result *results, unsigned count)
{
    fprintf(out, "[\n");
    for (unsigned i = 0; i < count; i++) {
        const struct result *r = &results[i];
        fprintf(out, "{\"room\":\"%s\",\"limit_is\":\"%s\",\"rounds\":%u",
                r->room->name, r->room->limit_name, r->rounds);
        fprintf(out, ",\"figure\":\"%s\"",
                r->room->figure == FIGURE_HELD ? "held bytes" : "cpu ratio");
        write_number(out, "value",
                     r->figure > 0 || r->room->limit ? r->figure : -1);
        write_number(out, "target", r->room->target > 0 ? r->room->target : -1);
        if (r->room->limit)
            write_side(out, "limit", &r->limit);
        write_side(out, "ours", &r->ours);
        fprintf(out, "}%s\n", i + 1 < count ? "," : "");
    }
    fprintf(out, "]\n");
}
