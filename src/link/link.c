/*
 * Questions to a whole stack, answered by the layer that knows.
 */
#include "link/link.h"

#include "link/arrival.h"
#include "link/pair.h"
#include "link/socket.h"
#include "link/tls.h"
#include "link/tunnel.h"

const struct hws_link *hwi_link_bottom(const struct hws_link *link)
{
    while (link->below)
        link = link->below;
    return link;
}

/* A layer that goes through a proxy knows better than those below it. */
const char *hws_link_peer(const struct hws_link *link)
{
    while (link->below && link->fault.peer[0] == '\0')
        link = link->below;
    return link->fault.peer;
}

const char *hws_link_tls_text(const struct hws_link *link)
{
    for (; link && !hwi_tunnel_is(link); link = link->below) {
        if (hwi_tls_text(link))
            return hwi_tls_text(link);
    }
    return "";
}

size_t hws_link_receive_queue(const struct hws_link *link)
{
    const struct hws_link *base = hwi_link_bottom(link);
    const struct hwi_socket *s = hwi_socket_of(base);
    return s ? hwi_socket_queue(s) : hwi_pair_queue(base);
}

int hws_link_stamp(struct hws_link *link)
{
    struct hwi_socket *s = hwi_socket_of(hwi_link_bottom(link));
    if (!s || s->fd < 0 || !hwi_arrival_ask(s->fd))
        return HWS_E_SUPPORT;
    s->arrival = (struct hws_arrival){.at = HWS_NEVER, .left = -1};
    s->stamps = true;
    return 0;
}

const struct hws_arrival *hws_link_arrival(const struct hws_link *link)
{
    const struct hwi_socket *s = hwi_socket_of(hwi_link_bottom(link));
    return s && s->stamps ? &s->arrival : NULL;
}

void hws_link_abort(struct hws_link *link)
{
    const struct hws_link *base = hwi_link_bottom(link);
    const struct hwi_socket *s = hwi_socket_of(base);
    if (s)
        hwi_socket_linger_not(s);
    else
        hwi_pair_abort(base);
}
