/*
 * Questions to a whole stack, answered by the layer that knows.
 */
#include "link/pair.h"
#include "link/socket.h"
#include "link/tls.h"

static const struct hws_link *bottom(const struct hws_link *link)
{
    while (link->below)
        link = link->below;
    return link;
}

const char *hws_link_peer(const struct hws_link *link)
{
    return bottom(link)->fault.peer;
}

const char *hws_link_tls_text(const struct hws_link *link)
{
    for (; link; link = link->below) {
        if (hwi_tls_text(link))
            return hwi_tls_text(link);
    }
    return "";
}

size_t hws_link_receive_queue(const struct hws_link *link)
{
    const struct hws_link *base = bottom(link);
    const struct hwi_socket *s = hwi_socket_of(base);
    return s ? hwi_socket_queue(s) : hwi_pair_queue(base);
}

void hws_link_abort(struct hws_link *link)
{
    const struct hws_link *base = bottom(link);
    const struct hwi_socket *s = hwi_socket_of(base);
    if (s)
        hwi_socket_linger_not(s);
    else
        hwi_pair_abort(base);
}
