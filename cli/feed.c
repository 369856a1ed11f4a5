#include "feed.h"

#include <string.h>

static const struct {
    const char *name;
    int64_t price; /* in 1/100 */
} symbols[FEED_SYMBOLS] = {
    {"BTC-USD", 6412345}, {"ETH-USD", 341207}, {"SOL-USD", 18233},
    {"BNB-USD", 61050},   {"LTC-USD", 8127},   {"AVAX-USD", 3519},
    {"LINK-USD", 1482},   {"DOT-USD", 711},
};

/* splitmix64: one word of state, and every seed is a good one. */
static uint64_t draw(struct feed *f)
{
    uint64_t z = f->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t draw_below(struct feed *f, uint64_t limit)
{
    return draw(f) % limit;
}

/* ---- the text of a message ---- */

static void put(struct feed *f, const char *text)
{
    size_t size = strlen(text);
    if (size > FEED_MESSAGE_MAX - f->size)
        size = FEED_MESSAGE_MAX - f->size;
    memcpy(f->text + f->size, text, size);
    f->size += size;
}

/* `value` in units of 10^-digits, with its decimal point. */
static void put_decimal(struct feed *f, int64_t value, unsigned digits)
{
    char text[24];
    char *at = text + sizeof(text) - 1;
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
    *at = '\0';
    for (unsigned i = 0; left || i <= digits; i++) {
        if (i == digits && digits)
            *--at = '.';
        *--at = (char)('0' + left % 10);
        left /= 10;
    }
    if (value < 0)
        *--at = '-';
    put(f, at);
}

static void put_field(struct feed *f, const char *name, int64_t value)
{
    put(f, name);
    put_decimal(f, value, 0);
}

/* Prices and sizes stand in strings, as exchanges send them. */
static void put_price(struct feed *f, const char *name, int64_t price)
{
    put(f, name);
    put(f, "\"");
    put_decimal(f, price, 2);
    put(f, "\"");
}

static void put_size(struct feed *f, const char *name, int64_t size)
{
    put(f, name);
    put(f, "\"");
    put_decimal(f, size, 8);
    put(f, "\"");
}

static void put_head(struct feed *f, const char *kind, size_t symbol,
                     hws_time realtime)
{
    f->size = 0;
    put_field(f, "{\"s\":", (int64_t)++f->sequence);
    put(f, ",\"e\":\"");
    put(f, kind);
    put_field(f, "\",\"E\":", realtime / 1000000);
    put_field(f, ",\"T\":", realtime);
    put(f, ",\"symbol\":\"");
    put(f, symbols[symbol].name);
    put(f, "\"");
}

/* ---- the market ---- */

static int64_t draw_size(struct feed *f)
{
    return (int64_t)(1 + draw_below(f, 1u << (10 + draw_below(f, 20))));
}

static int64_t between(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* A step of at most about 0.05 %. The bounds keep texts short for ever. */
static void walk(struct feed *f, size_t symbol)
{
    int64_t *price = &f->price[symbol];
    int64_t step = 1 + *price / 2000;
    *price += (int64_t)draw_below(f, (uint64_t)(2 * step + 1)) - step;
    *price = between(*price, 100, 10 * f->open[symbol]);
    if (*price > f->highest[symbol])
        f->highest[symbol] = *price;
    if (*price < f->lowest[symbol])
        f->lowest[symbol] = *price;
}

static void make_trade(struct feed *f, size_t symbol)
{
    int64_t size = draw_size(f);
    walk(f, symbol);
    f->volume[symbol] += size;
    put_field(f, ",\"id\":", (int64_t)++f->trade);
    put_price(f, ",\"price\":", f->price[symbol]);
    put_size(f, ",\"size\":", size);
    put(f, draw(f) & 1 ? ",\"side\":\"buy\"}" : ",\"side\":\"sell\"}");
}

/* `count` levels of one side of the book, away from the price. */
static void put_levels(struct feed *f, size_t symbol, int64_t step,
                       unsigned count)
{
    int64_t price = f->price[symbol];
    for (unsigned i = 0; i < count; i++) {
        price += step * (int64_t)(1 + draw_below(f, 3));
        if (price <= 0)
            return;
        put_price(f, i ? ",[" : "[", price);
        put_size(f, ",", draw_size(f));
        put(f, "]");
    }
}

/* Most updates touch a few levels; one in 16 brings a deep book. A level is
 * at most 30 B wide, so that 64 on each side stay below 4 KiB. */
static void make_depth(struct feed *f, size_t symbol)
{
    bool deep = draw_below(f, 16) == 0;
    unsigned count = (unsigned)(1 + draw_below(f, deep ? 64 : 8));
    put(f, ",\"bids\":[");
    put_levels(f, symbol, -1, count);
    put(f, "],\"asks\":[");
    put_levels(f, symbol, 1, count);
    put(f, "]}");
}

static void make_ticker(struct feed *f, size_t symbol)
{
    int64_t price = f->price[symbol];
    put_price(f, ",\"open\":", f->open[symbol]);
    put_price(f, ",\"high\":", f->highest[symbol]);
    put_price(f, ",\"low\":", f->lowest[symbol]);
    put_price(f, ",\"last\":", price);
    put_price(f, ",\"bid\":", price - 1);
    put_size(f, ",\"bidSize\":", draw_size(f));
    put_price(f, ",\"ask\":", price + 1);
    put_size(f, ",\"askSize\":", draw_size(f));
    put_size(f, ",\"volume\":", f->volume[symbol]);
    put_field(f, ",\"trades\":", (int64_t)f->trade);
    put(f, "}");
}

void feed_init(struct feed *feed, uint64_t seed)
{
    memset(feed, 0, sizeof(*feed));
    feed->random = seed;
    for (size_t i = 0; i < FEED_SYMBOLS; i++) {
        feed->open[i] = symbols[i].price;
        feed->price[i] = symbols[i].price;
        feed->highest[i] = symbols[i].price;
        feed->lowest[i] = symbols[i].price;
    }
}

struct hws_span feed_next(struct feed *feed, hws_time realtime)
{
    size_t symbol = (size_t)draw_below(feed, FEED_SYMBOLS);
    uint64_t roll = draw_below(feed, 100);
    if (roll < 60) {
        put_head(feed, "trade", symbol, realtime);
        make_trade(feed, symbol);
    } else if (roll < 85) {
        put_head(feed, "depth", symbol, realtime);
        make_depth(feed, symbol);
    } else {
        put_head(feed, "ticker", symbol, realtime);
        make_ticker(feed, symbol);
    }
    return (struct hws_span){(const uint8_t *)feed->text, feed->size};
}

/* A pause follows each burst, as long on average as the burst at an even
 * pace would have taken: so the mean rate holds whatever the lengths are. */
hws_time feed_delay(struct feed *feed, double rate)
{
    if (feed->burst) {
        feed->burst--;
        return 0;
    }
    unsigned length = (unsigned)(1 + draw_below(feed, 64));
    feed->burst = length - 1;
    double share = (double)draw_below(feed, 1u << 20) / (double)(1u << 19);
    return (hws_time)(share * (double)length * 1e9 / rate);
}

bool feed_sequence(struct hws_span message, uint64_t *sequence)
{
    static const char head[] = "{\"s\":";
    const size_t begin = sizeof(head) - 1;
    if (message.size <= begin || memcmp(message.data, head, begin) != 0)
        return false;
    uint64_t value = 0;
    size_t i = begin;
    for (; i < message.size && i < begin + 19; i++) {
        unsigned digit = (unsigned)message.data[i] - '0';
        if (digit > 9)
            break;
        value = value * 10 + digit;
    }
    if (i == begin || i == message.size || message.data[i] != ',')
        return false;
    *sequence = value;
    return true;
}
