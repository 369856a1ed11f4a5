/*
 * The blocking face: open, send, wait for the answer, close. For scripts and
 * tests; a long-lived connection is better served by a loop.
 *
 *     sync ws://127.0.0.1:8080/ 'hello'
 */
#include <hawser/hawser.h>

#include <stdio.h>

static int talk(struct hws_sync *sync, const char *text)
{
    struct hws_sync_message answer;
    int status = hws_sync_send(sync, HWS_TEXT, hws_span_text(text), HWS_S(5));
    if (status < 0)
        return status;
    status = hws_sync_receive(sync, &answer, HWS_S(5));
    if (status < 0)
        return status;
    fwrite(answer.data.data, 1, answer.data.size, stdout);
    putchar('\n');
    return hws_sync_close(sync, HWS_CLOSE_NORMAL, hws_span_text(""));
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: sync URL TEXT\n");
        return 2;
    }
    struct hws_fault fault;
    struct hws_client_options options;
    hws_client_options_init(&options);
    options.url = argv[1];

    struct hws_sync *sync = hws_sync_open(&options, HWS_S(10), &fault);
    if (!sync) {
        fprintf(stderr, "sync: %s\n", fault.text);
        return 1;
    }
    int status = talk(sync, argv[2]);
    if (status < 0)
        fprintf(stderr, "sync: %s: %s\n", hws_status_name(status),
                hws_sync_fault(sync)->text);
    hws_sync_free(sync);
    return status < 0;
}
