#include "doctor.h"

#include "command.h"

#include <unistd.h>

static const struct option_row doctor_rows[] = {
    {"for", "DURATION", OPTION_DELAY,
     offsetof(struct doctor_options, for_delay),
     "how long to watch messages, 100ms to 1h (3s)"},
    {"on-open", "FILE|TEXT", OPTION_LIST,
     offsetof(struct doctor_options, on_open),
     "send this after the connect (repeatable), as with tail: a feed that "
     "waits to be asked shows nothing without it"},
    {"lag", "/POINTER:UNIT", OPTION_TEXT, offsetof(struct doctor_options, lag),
     "compare clocks by the event time at this JSON pointer of the messages; "
     "units: s, ms, us, ns, iso"},
    {"json", NULL, OPTION_FLAG, offsetof(struct doctor_options, json),
     "print one JSON object, times in ms"},
    {0},
};

static const char about[] =
    "Connect once, look at every step, and say of each whether it is good, to "
    "look at (warn) or bad, and what to do: names, the race of addresses, TCP, "
    "proxy, TLS, the opening handshake, messages and their compression, pings, "
    "clocks, the kernel's buffers, the close. Over TLS a second connection "
    "shows whether the session resumes. Exit code 0: nothing is bad, 1: "
    "something is.";

static void doctor_stop(struct stopper *stopper)
{
    char *at = (char *)stopper - offsetof(struct doctor, stopper);
    struct doctor *doctor = (struct doctor *)(void *)at;
    struct doctor_visit *visit =
        doctor->second.client ? &doctor->second : &doctor->first;
    doctor_visit_end(visit, HWS_CLOSE_GOING_AWAY);
}

static int doctor_check_lag(const struct doctor *doctor)
{
    struct hws_fault fault = {0};
    if (!doctor->options.lag)
        return OPTIONS_GOOD;
    struct hws_time_field *field =
        hws_time_field_new(doctor->options.lag, &fault);
    hws_time_field_free(field);
    return field ? OPTIONS_GOOD
                 : options_complain("doctor", "option '--lag': %s", fault.text);
}

static int doctor_check(const struct doctor *doctor,
                        const struct text_list *urls)
{
    if (urls->count != 1)
        return options_complain("doctor", "one URL is needed, %zu are given",
                                urls->count);
    if (doctor->options.for_delay < HWS_MS(100) ||
        doctor->options.for_delay > HWS_S(3600))
        return options_complain("doctor", "option '--for' must be 100ms to 1h");
    return doctor_check_lag(doctor);
}

static int doctor_configure(struct doctor *doctor, const char *url)
{
    struct hws_client_options *options = &doctor->client;
    int code = opening_list_read(&doctor->openings, "doctor",
                                 &doctor->options.on_open);
    if (code)
        return code;
    hws_client_options_init(options);
    options->url = url;
    options->openings = doctor->openings.items;
    options->opening_count = doctor->openings.count;
    options->retry.enabled = false;
    options->lag_field = doctor->options.lag;
    code = target_apply(&doctor->target, options);
    /* The state of the certificate is one of the questions. */
    if (options->tls.verify && options->tls.ocsp == HWS_OCSP_OFF)
        options->tls.ocsp = HWS_OCSP_CHECK;
    return code;
}

static int doctor_run(struct doctor *doctor)
{
    int code = COMMAND_LOCAL, status = 0;
    doctor->loop = target_loop(&doctor->target, &code);
    if (!doctor->loop)
        return code;
    doctor->stopper.stop = doctor_stop;
    if (stopper_init(&doctor->stopper, doctor->loop, HWS_NEVER))
        return COMMAND_LOCAL;
    code = doctor_visit_begin(&doctor->first, doctor);
    while (code == OPTIONS_GOOD && !doctor->is_over && status == 0)
        status = hws_loop_run_once(doctor->loop, HWS_NEVER);
    return status == 0 ? code : COMMAND_LOCAL;
}

/* Judge and print; the exit code. */
static int doctor_report(struct doctor *doctor)
{
    struct doctor_sheet *sheet = memory_new(1, sizeof *sheet);
    const char *url = doctor->first.facts->url;
    doctor_judge(doctor->first.facts,
                 hws_loop_clock(doctor->loop, HWS_CLOCK_REALTIME), sheet);
    if (doctor->options.json)
        doctor_print_json(&doctor->out, sheet, url);
    else
        doctor_print(&doctor->out, sheet, url);
    int code = doctor_worst(sheet) == DOCTOR_BAD ? COMMAND_LOST : COMMAND_OK;
    memory_free(sheet);
    if (!output_flush(&doctor->out))
        code = COMMAND_LOCAL;
    return stopper_exit_code(&doctor->stopper, code);
}

static void doctor_release(struct doctor *doctor)
{
    doctor_visit_release(&doctor->first);
    doctor_visit_release(&doctor->second);
    if (doctor->stopper.loop)
        stopper_release(&doctor->stopper);
    if (doctor->loop)
        hws_loop_free(doctor->loop);
    output_release(&doctor->out);
    opening_list_release(&doctor->openings);
    text_list_release(&doctor->options.on_open);
    target_release(&doctor->target);
}

static int doctor_main(int argc, char **argv)
{
    struct doctor doctor = {.options = {.for_delay = HWS_S(3)}};
    struct text_list urls = {0};
    const struct option_group groups[] = {
        {"looking", doctor_rows, &doctor.options},
        {"connection", target_rows, &doctor.target},
        {"TLS", target_tls_rows, &doctor.target.tls},
        {"redirects, login and cookies", access_rows, &doctor.target.access},
        {"proxy", route_rows, &doctor.target.route},
        {"limits", target_size_rows, &doctor.target},
        {0},
    };
    const struct option_form form = {"doctor", "URL", about, groups};
    target_init(&doctor.target, "doctor");
    output_init(&doctor.out, STDOUT_FILENO);
    int code = options_parse(&form, argc, argv, &urls);
    if (code == OPTIONS_GOOD)
        code = doctor_check(&doctor, &urls);
    if (code == OPTIONS_GOOD)
        code = doctor_configure(&doctor, urls.items[0]);
    if (code == OPTIONS_GOOD)
        code = doctor_run(&doctor);
    if (code == OPTIONS_GOOD)
        code = doctor_report(&doctor);
    doctor_release(&doctor);
    text_list_release(&urls);
    return code;
}

const struct command doctor_command = {
    "doctor", "look at every step of a connection, and say what to do",
    doctor_main};
