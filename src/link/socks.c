/*
 * SOCKS: a tunnel through a proxy of version 4, 4a or 5 (RFC 1928, 1929). Its
 * answers say how long they are, so that not one byte more is read than they
 * have: what follows belongs to the tunnel and stays below.
 */
#include "link/socks.h"

/* Each part of the talk, and the size of the answer that ends it. */
enum { METHOD_SIZE = 2, LOGIN_SIZE = 2, OLD_SIZE = 8, REPLY_SIZE = 5 };

enum { METHOD_NONE = 0x00, METHOD_PASSWORD = 0x02, METHOD_REFUSED = 0xff };
enum { COMMAND_CONNECT = 0x01 };
enum { TYPE_V4 = 0x01, TYPE_NAME = 0x03, TYPE_V6 = 0x04 };

static struct hwi_socks *self(struct hwi_tunnel *t)
{
    return (struct hwi_socks *)t;
}

static bool is_old(const struct hwi_socks *s)
{
    return s->version == HWS_SOCKS4 || s->version == HWS_SOCKS4A;
}

static int say(struct hwi_socks *s, const void *bytes, size_t size)
{
    return hwi_buf_push(&s->tunnel.out, hwi_span(bytes, size))
               ? hwi_tunnel_fail_memory(&s->tunnel)
               : 0;
}

static int say_byte(struct hwi_socks *s, unsigned value)
{
    uint8_t byte = (uint8_t)value;
    return say(s, &byte, 1);
}

static int say_port(struct hwi_socks *s)
{
    unsigned port = s->tunnel.options.port;
    int status = say_byte(s, port >> 8);
    return status ? status : say_byte(s, port & 255);
}

/* A text behind its length. */
static int say_counted(struct hwi_socks *s, const char *text)
{
    size_t size = strlen(text);
    int status = say_byte(s, (unsigned)size);
    return status ? status : say(s, text, size);
}

static const struct hwi_address *present(const struct hwi_socks *s)
{
    return s->count ? &s->list[s->tried] : NULL;
}

/* VN CD DSTPORT DSTIP USERID NUL; for 4a an address that cannot be, and the
 * name behind it. */
static int ask_old(struct hwi_socks *s)
{
    static const uint8_t no_address[4] = {0, 0, 0, 1};
    const struct hws_tunnel_options *o = &s->tunnel.options;
    const struct hwi_address *a = present(s);
    const char *user = o->user ? o->user : "";
    size_t size;
    s->part = SOCKS_OLD;
    s->need = OLD_SIZE;
    int status = say(s, "\x04\x01", 2);
    if (!status)
        status = say_port(s);
    if (!status)
        status = say(s, a ? hwi_address_bytes(a, &size) : no_address, 4);
    if (!status)
        status = say(s, user, strlen(user) + 1);
    if (!status && !a)
        status = say(s, o->host, strlen(o->host) + 1);
    return status;
}

static int say_target(struct hwi_socks *s)
{
    const struct hwi_address *a = present(s);
    size_t size;
    if (!a) {
        int status = say_byte(s, TYPE_NAME);
        return status ? status : say_counted(s, s->tunnel.options.host);
    }
    const uint8_t *bytes = hwi_address_bytes(a, &size);
    int status = say_byte(s, size == 4 ? TYPE_V4 : TYPE_V6);
    return status ? status : say(s, bytes, size);
}

static int ask_new(struct hwi_socks *s)
{
    const uint8_t head[] = {5, COMMAND_CONNECT, 0};
    s->part = SOCKS_REPLY;
    s->need = REPLY_SIZE;
    int status = say(s, head, sizeof(head));
    if (!status)
        status = say_target(s);
    return status ? status : say_port(s);
}

static int offer_methods(struct hwi_socks *s)
{
    bool login = s->tunnel.options.user != NULL;
    const uint8_t words[] = {5, login ? 2 : 1, METHOD_NONE, METHOD_PASSWORD};
    s->part = SOCKS_METHOD;
    s->need = METHOD_SIZE;
    return say(s, words, login ? 4 : 3);
}

static int begin(struct hwi_tunnel *t)
{
    struct hwi_socks *s = self(t);
    return is_old(s) ? ask_old(s) : offer_methods(s);
}

static int log_in(struct hwi_socks *s)
{
    const struct hws_tunnel_options *o = &s->tunnel.options;
    s->part = SOCKS_LOGIN;
    s->need = LOGIN_SIZE;
    int status = say_byte(s, 1);
    if (!status)
        status = say_counted(s, o->user);
    return status ? status : say_counted(s, o->password ? o->password : "");
}

static int fail_protocol(struct hwi_socks *s, const char *what, unsigned byte)
{
    return hwi_tunnel_fail(&s->tunnel, HWS_E_PROTOCOL,
                           "does not speak SOCKS %s: %s 0x%02x",
                           is_old(s) ? "4" : "5", what, byte);
}

static int on_method(struct hwi_socks *s, const uint8_t *answer)
{
    bool login = s->tunnel.options.user != NULL;
    if (answer[0] != 5)
        return fail_protocol(s, "its answer begins with", answer[0]);
    if (answer[1] == METHOD_NONE)
        return ask_new(s);
    if (answer[1] == METHOD_PASSWORD && login)
        return log_in(s);
    if (answer[1] != METHOD_REFUSED)
        return fail_protocol(s,
                             "it chose a way to log in that was not "
                             "offered,",
                             answer[1]);
    return hwi_tunnel_fail(&s->tunnel, HWS_E_REFUSED,
                           login ? "accepts neither user and password nor "
                                   "doing without"
                                 : "asks for a login: no user and password "
                                   "given");
}

/* Some servers write 5 where RFC 1929 has 1. */
static int on_login(struct hwi_socks *s, const uint8_t *answer)
{
    if (answer[0] != 1 && answer[0] != 5)
        return fail_protocol(s, "its answer to the login begins with",
                             answer[0]);
    if (answer[1] != 0)
        return hwi_tunnel_fail(&s->tunnel, HWS_E_REFUSED,
                               "does not accept the user and password");
    return ask_new(s);
}

/* The proxy said no with `code`. Another address may have more luck, and what
 * the first one met is what is told in the end. */
static int refused(struct hwi_socks *s, unsigned code)
{
    if (s->first_code == 0)
        s->first_code = code;
    if (s->tried + 1 < s->count && hwi_socks_is_about_target(s, code) &&
        hwi_tunnel_may_redial(&s->tunnel)) {
        s->tried++;
        return HWI_TUNNEL_REDIAL;
    }
    return hwi_socks_fail(s);
}

static int on_old(struct hwi_socks *s, const uint8_t *answer)
{
    if (answer[0] != 0)
        return fail_protocol(s, "its answer begins with", answer[0]);
    if (answer[1] == HWI_SOCKS_OLD_GRANTED) {
        s->part = SOCKS_DONE;
        return 0;
    }
    return refused(s, answer[1]);
}

/* The reply's head tells how long the address is that follows it; its first
 * byte is among the five. */
static int on_reply(struct hwi_socks *s, const uint8_t *answer)
{
    if (answer[0] != 5)
        return fail_protocol(s, "its answer begins with", answer[0]);
    if (answer[1] != 0)
        return refused(s, answer[1]);
    s->part = SOCKS_REST;
    switch (answer[3]) {
    case TYPE_V4:
        s->need = 4 + 2 - 1;
        return 0;
    case TYPE_V6:
        s->need = 16 + 2 - 1;
        return 0;
    case TYPE_NAME:
        s->need = (size_t)answer[4] + 2;
        return 0;
    default:
        return fail_protocol(s, "its answer has an address of the kind",
                             answer[3]);
    }
}

static int on_answer(struct hwi_socks *s, const uint8_t *answer)
{
    switch (s->part) {
    case SOCKS_METHOD:
        return on_method(s, answer);
    case SOCKS_LOGIN:
        return on_login(s, answer);
    case SOCKS_OLD:
        return on_old(s, answer);
    case SOCKS_REPLY:
        return on_reply(s, answer);
    case SOCKS_REST:
    case SOCKS_DONE:
        break;
    }
    s->part = SOCKS_DONE;
    return 0;
}

static int hear_answer(struct hwi_tunnel *t)
{
    struct hwi_socks *s = self(t);
    if (hwi_buf_size(&t->in) < s->need)
        return HWS_E_AGAIN;
    uint8_t answer[HWI_SOCKS_ANSWER_MAX];
    memcpy(answer, hwi_buf_span(&t->in).data, s->need);
    hwi_buf_clear(&t->in);
    int status = on_answer(s, answer);
    return status == 0 && s->part != SOCKS_DONE ? HWS_E_AGAIN : status;
}

static size_t wanted(const struct hwi_tunnel *t)
{
    const struct hwi_socks *s = (const struct hwi_socks *)t;
    return s->need - hwi_buf_size(&t->in);
}

const struct hwi_speech hwi_socks_speech = {
    .begin = begin,
    .listen = hear_answer,
    .wanted = wanted,
    .ended = hwi_tunnel_fail_ended,
};
