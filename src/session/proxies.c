#include "session/proxies.h"

#include "base/mem.h"
#include "base/span.h"
#include "base/status.h"
#include "session/no_proxy.h"

#include <stdio.h>

/* What begins a fault: "environment variable 'https_proxy'". */
#define WHOSE_MAX 48

/* A variable that is set to nothing is not set. */
static const char *look_up(hwi_environment *environment, const char *name)
{
    const char *value = environment(name);
    return value && value[0] ? value : NULL;
}

/*
 * The first of `names` that is set. A web server hands request headers to CGI
 * programs as variables, "Proxy:" as HTTP_PROXY: there it is anybody's word.
 */
static const char *first_set(hwi_environment *environment,
                             const char *const *names, const char **name)
{
    for (; *names; names++) {
        const char *value = look_up(environment, *names);
        bool forged = strcmp(*names, "HTTP_PROXY") == 0 &&
                      look_up(environment, "REQUEST_METHOD");
        if (value && !forged) {
            *name = *names;
            return value;
        }
    }
    return NULL;
}

static int read_variable(struct hwi_proxy_url *url, const char **name,
                         hwi_environment *environment, const char *const *names,
                         struct hws_fault *fault)
{
    char whose[WHOSE_MAX];
    const char *value = first_set(environment, names, name);
    if (!value)
        return 0;
    snprintf(whose, sizeof(whose), "environment variable '%s'", *name);
    return hwi_proxy_url_parse(url, value, whose, fault);
}

static int read_environment(struct hwi_proxies *p, hwi_environment *environment,
                            struct hws_fault *fault)
{
    static const char *const plain[] = {"http_proxy", "HTTP_PROXY", "all_proxy",
                                        "ALL_PROXY", NULL};
    static const char *const tls[] = {"https_proxy", "HTTPS_PROXY", "all_proxy",
                                      "ALL_PROXY", NULL};
    p->from_environment = true;
    int status =
        read_variable(&p->plain, &p->plain_variable, environment, plain, fault);
    return status ? status
                  : read_variable(&p->tls, &p->tls_variable, environment, tls,
                                  fault);
}

/* Nothing and "direct" both mean that no proxy is wanted, whatever the
 * environment says. */
static int read_option(struct hwi_proxies *p, const char *proxy,
                       struct hws_fault *fault)
{
    static const char whose[] = "option 'proxy'";
    p->ruled_out =
        proxy[0] == '\0' || hwi_span_is_nocase(hws_span_text(proxy), "direct");
    if (p->ruled_out)
        return 0;
    int status = hwi_proxy_url_parse(&p->plain, proxy, whose, fault);
    return status ? status : hwi_proxy_url_parse(&p->tls, proxy, whose, fault);
}

static int keep_list(struct hwi_proxies *p, const char *list, const char *whose,
                     struct hws_fault *fault)
{
    int status = hwi_no_proxy_check(list, whose, fault);
    if (status)
        return status;
    p->no_proxy = hwi_copy_text(list);
    return p->no_proxy ? 0
                       : hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                                       "no memory for the list 'no_proxy'");
}

/* What would not be used is not judged: a desktop's list may well have entries
 * that mean nothing here. */
static int read_exceptions(struct hwi_proxies *p,
                           const struct hws_client_options *options,
                           hwi_environment *environment,
                           struct hws_fault *fault)
{
    static const char *const names[] = {"no_proxy", "NO_PROXY", NULL};
    char whose[WHOSE_MAX];
    if (options->no_proxy)
        return keep_list(p, options->no_proxy, "option 'no_proxy'", fault);
    bool used = p->plain.name || p->tls.name;
    if (!used || !options->proxy_from_environment)
        return 0;
    const char *list = first_set(environment, names, &p->no_proxy_variable);
    if (!list)
        return 0;
    snprintf(whose, sizeof(whose), "environment variable '%s'",
             p->no_proxy_variable);
    return keep_list(p, list, whose, fault);
}

int hwi_proxies_init(struct hwi_proxies *p,
                     const struct hws_client_options *options,
                     hwi_environment *environment, struct hws_fault *fault)
{
    int status = 0;
    *p = (struct hwi_proxies){0};
    if (options->proxy)
        status = read_option(p, options->proxy, fault);
    else if (options->proxy_from_environment)
        status = read_environment(p, environment, fault);
    return status ? status : read_exceptions(p, options, environment, fault);
}

void hwi_proxies_release(struct hwi_proxies *p)
{
    hwi_proxy_url_release(&p->plain);
    hwi_proxy_url_release(&p->tls);
    hwi_free(p->no_proxy);
    *p = (struct hwi_proxies){0};
}

static const struct hwi_proxy_url *configured(const struct hwi_proxies *p,
                                              const struct hwi_url *url)
{
    const struct hwi_proxy_url *proxy = url->tls ? &p->tls : &p->plain;
    return proxy->name && !url->is_unix ? proxy : NULL;
}

/* For a proxy "localhost" is another machine. */
static bool is_near(const struct hwi_proxies *p, const struct hwi_url *url)
{
    return p->from_environment && hwi_no_proxy_is_local(url->host);
}

static bool is_listed(const struct hwi_proxies *p, const struct hwi_url *url)
{
    return p->no_proxy && hwi_no_proxy_has(p->no_proxy, url->host, url->port);
}

const struct hwi_proxy_url *hwi_proxies_find(const struct hwi_proxies *p,
                                             const struct hwi_url *url)
{
    const struct hwi_proxy_url *proxy = configured(p, url);
    return proxy && !is_near(p, url) && !is_listed(p, url) ? proxy : NULL;
}

/* "option 'proxy'", "environment variable 'no_proxy' lists the target". */
static void say_who(struct hws_way *way, const char *variable,
                    const char *option, const char *does)
{
    snprintf(way->why, sizeof(way->why), "%s '%s'%s",
             variable ? "environment variable" : "option",
             variable ? variable : option, does);
}

static const char *why_none(const struct hwi_proxies *p,
                            const struct hwi_url *url)
{
    if (url->is_unix)
        return "a Unix socket needs none";
    if (p->ruled_out)
        return "option 'proxy' rules it out";
    return p->from_environment ? "neither an option nor the environment has one"
                               : "option 'proxy' is not set";
}

void hwi_proxies_tell(const struct hwi_proxies *p, const struct hwi_url *url,
                      struct hws_way *way)
{
    const struct hwi_proxy_url *proxy = configured(p, url);
    *way = (struct hws_way){.proxy = ""};
    if (!proxy) {
        snprintf(way->why, sizeof(way->why), "%s", why_none(p, url));
    } else if (is_near(p, url)) {
        snprintf(way->why, sizeof(way->why),
                 "this machine needs none of the environment's");
    } else if (is_listed(p, url)) {
        say_who(way, p->no_proxy_variable, "no_proxy", " lists the target");
    } else {
        snprintf(way->proxy, sizeof(way->proxy), "%s://%s", proxy->scheme,
                 proxy->name);
        say_who(way, url->tls ? p->tls_variable : p->plain_variable, "proxy",
                "");
    }
}
