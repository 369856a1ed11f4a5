/*
 * The echo server of servers/protocol.md on libwebsockets.
 */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A message that waits to be sent; room for the library's header before it. */
struct outgoing {
    struct outgoing *next;
    enum lws_write_protocol kind;
    size_t size;
    unsigned char bytes[];
};

struct session {
    struct outgoing *first, **last;
    unsigned char *in; /* the message that is being received */
    size_t in_size, in_room;
    char ping[126]; /* payload of the ping to be sent */
    int pinging;
    char pinged[126]; /* payload of the ping that was sent */
    int close_code;
    char close_reason[124];
    int cut;
};

static void push(struct lws *wsi, struct session *s,
                 enum lws_write_protocol kind, const void *bytes, size_t size)
{
    struct outgoing *o = malloc(sizeof(*o) + LWS_PRE + size);
    if (!o)
        abort();
    o->next = NULL;
    o->kind = kind;
    o->size = size;
    memcpy(o->bytes + LWS_PRE, bytes, size);
    *s->last = o;
    s->last = &o->next;
    lws_callback_on_writable(wsi);
}

static void push_text(struct lws *wsi, struct session *s, const char *text)
{
    push(wsi, s, LWS_WRITE_TEXT, text, strlen(text));
}

static void feed(struct lws *wsi, struct session *s, long count)
{
    char number[24];
    for (long i = 0; i < count; i++) {
        snprintf(number, sizeof(number), "%ld", i);
        push_text(wsi, s, number);
    }
}

static void command(struct lws *wsi, struct session *s, char *text)
{
    if (strncmp(text, "!ping ", 6) == 0) {
        snprintf(s->ping, sizeof(s->ping), "%s", text + 6);
        s->pinging = 1;
    } else if (strncmp(text, "!close ", 7) == 0) {
        char *reason;
        s->close_code = (int)strtol(text + 7, &reason, 10);
        snprintf(s->close_reason, sizeof(s->close_reason), "%s",
                 *reason ? reason + 1 : reason);
    } else if (strcmp(text, "!cut") == 0) {
        s->cut = 1;
    } else if (strncmp(text, "!feed ", 6) == 0) {
        feed(wsi, s, strtol(text + 6, NULL, 10));
    }
    lws_callback_on_writable(wsi);
}

static void received(struct lws *wsi, struct session *s, const void *in,
                     size_t size)
{
    if (s->in_size + size + 1 > s->in_room) {
        s->in_room = 2 * (s->in_size + size + 1);
        s->in = realloc(s->in, s->in_room);
        if (!s->in)
            abort();
    }
    if (size)
        memcpy(s->in + s->in_size, in, size);
    s->in_size += size;
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
        return;
    s->in[s->in_size] = '\0';
    if (!lws_frame_is_binary(wsi) && s->in_size && s->in[0] == '!')
        command(wsi, s, (char *)s->in);
    else
        push(wsi, s,
             lws_frame_is_binary(wsi) ? LWS_WRITE_BINARY : LWS_WRITE_TEXT,
             s->in, s->in_size);
    s->in_size = 0;
}

static int send_ping(struct lws *wsi, struct session *s)
{
    unsigned char bytes[LWS_PRE + 125];
    size_t size = strlen(s->ping);
    memcpy(bytes + LWS_PRE, s->ping, size);
    memcpy(s->pinged, s->ping, sizeof(s->pinged));
    s->pinging = 0;
    return lws_write(wsi, bytes + LWS_PRE, size, LWS_WRITE_PING) < 0;
}

/* One write for each call, as the library demands. */
static int writable(struct lws *wsi, struct session *s)
{
    struct outgoing *o = s->first;
    int failed = 0;
    if (s->cut)
        return -1;
    if (s->pinging) {
        failed = send_ping(wsi, s);
    } else if (o) {
        failed = lws_write(wsi, o->bytes + LWS_PRE, o->size, o->kind) < 0;
        s->first = o->next;
        if (!s->first)
            s->last = &s->first;
        free(o);
    } else if (s->close_code) {
        lws_close_reason(wsi, (enum lws_close_status)s->close_code,
                         (unsigned char *)s->close_reason,
                         strlen(s->close_reason));
        return -1;
    }
    if (s->first || s->pinging || s->close_code)
        lws_callback_on_writable(wsi);
    return failed ? -1 : 0;
}

static void ponged(struct lws *wsi, struct session *s)
{
    char text[160];
    snprintf(text, sizeof(text), "ponged %s", s->pinged);
    push_text(wsi, s, text);
}

static void print_close(const unsigned char *in, size_t size)
{
    if (size >= 2)
        printf("closed %d %.*s\n", in[0] << 8 | in[1], (int)size - 2, in + 2);
    fflush(stdout);
}

static void end(struct session *s)
{
    while (s->first) {
        struct outgoing *next = s->first->next;
        free(s->first);
        s->first = next;
    }
    free(s->in);
    s->in = NULL;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason,
                    void *user, void *in, size_t size)
{
    struct session *s = user;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        memset(s, 0, sizeof(*s));
        s->last = &s->first;
        break;
    case LWS_CALLBACK_RECEIVE:
        received(wsi, s, in, size);
        break;
    case LWS_CALLBACK_RECEIVE_PONG:
        ponged(wsi, s);
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return writable(wsi, s);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        print_close(in, size);
        break;
    case LWS_CALLBACK_CLOSED:
        end(s);
        break;
    default:
        break;
    }
    return 0;
}

static const struct lws_protocols protocols[] = {
    {"second", on_event, sizeof(struct session), 65536, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

int main(int argc, char **argv)
{
    struct lws_context_creation_info info;
    struct lws_context *context;
    struct lws_vhost *vhost;

    memset(&info, 0, sizeof(info));
    lws_set_log_level(LLL_ERR, NULL);
    if (argc < 2)
        return 2;
    info.port = atoi(argv[1]);
    info.iface = "127.0.0.1";
    info.protocols = protocols;
    info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
    if (argc > 3) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = argv[2];
        info.ssl_private_key_filepath = argv[3];
    }
    context = lws_create_context(&info);
    vhost = context ? lws_create_vhost(context, &info) : NULL;
    if (!vhost)
        return 1;
    printf("listening %d\n", lws_get_vhost_listen_port(vhost));
    fflush(stdout);
    while (lws_service(context, 0) >= 0)
        continue;
    lws_context_destroy(context);
    return 0;
}
