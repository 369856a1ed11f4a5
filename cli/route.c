#include "route.h"

#include "content.h"

const struct option_row route_rows[] = {
    {"proxy", "URL|@FILE", OPTION_TEXT, offsetof(struct route, proxy),
     "go through this proxy: http, https, socks4, socks4a, socks5 or "
     "socks5h://USER:PASSWORD@HOST:PORT; 'direct' for none. Else http_proxy, "
     "https_proxy or all_proxy of the environment. '@FILE' is the content of "
     "FILE: a command line is not secret"},
    {"no-proxy", "LIST", OPTION_TEXT, offsetof(struct route, no_proxy),
     "names, addresses and blocks (10.0.0.0/8) that need no proxy, or '*'; "
     "else no_proxy of the environment"},
    {"proxy-ca-file", "FILE", OPTION_TEXT, offsetof(struct route, ca_file),
     "trust these certificates of an https proxy, instead of --ca-file"},
    {0},
};

void route_release(struct route *route)
{
    memory_free(route->proxy_text);
    *route = (struct route){0};
}

int route_apply(struct route *route, const char *command,
                struct hws_client_options *options)
{
    if (route->proxy) {
        int code = content_of(command, "proxy", route->proxy,
                              &route->proxy_text, &options->proxy);
        if (code)
            return code;
    }
    options->no_proxy = route->no_proxy;
    options->proxy_from_environment = true;
    options->proxy_tls.ca_file =
        route->ca_file ? route->ca_file : options->tls.ca_file;
    options->proxy_tls.verify = options->tls.verify;
    options->proxy_tls.key_log = options->tls.key_log;
    return OPTIONS_GOOD;
}
