#include "core.h"

/* Memory beyond this is given back when all records were taken. */
#define KEEP_BYTES ((size_t)4 << 20)
#define KEEP_RECORDS ((size_t)1 << 16)

/* Borrowers free what was lent. */
static void give_up_bytes(struct records *r)
{
    if (!r->lent)
        PyMem_RawFree(r->bytes);
    r->bytes = NULL;
    r->bytes_room = 0;
    r->lent = false;
}

void records_release(struct records *r)
{
    for (size_t i = r->next; i < r->count; i++)
        PyMem_RawFree(r->list[i].detail);
    PyMem_RawFree(r->list);
    give_up_bytes(r);
    *r = (struct records){.count = 0};
}

/* Room for `count` more things of `size` bytes; the list may move. */
static bool make_room(void **list, size_t used, size_t *room, size_t more,
                      size_t size)
{
    if (*room - used >= more)
        return true;
    size_t wanted = used + more > 2 * *room ? used + more : 2 * *room;
    wanted = wanted > 64 ? wanted : 64;
    void *grown = PyMem_RawRealloc(*list, wanted * size);
    if (!grown)
        return false;
    *list = grown;
    *room = wanted;
    return true;
}

/* Lent bytes stay where they are: what comes now goes to a copy. */
static bool leave_lent(struct records *r, size_t more)
{
    if (!r->lent || r->bytes_room - r->size >= more)
        return true;
    size_t room = 2 * r->size + more;
    uint8_t *copy = PyMem_RawMalloc(room);
    if (!copy)
        return false;
    memcpy(copy, r->bytes, r->size);
    r->bytes = copy;
    r->bytes_room = room;
    r->lent = false;
    return true;
}

size_t records_keep(struct records *r, const void *bytes, size_t size)
{
    bool fits = leave_lent(r, size);
    void *list = r->bytes;
    if (!fits || !make_room(&list, r->size, &r->bytes_room, size, 1)) {
        r->lost = true;
        return SIZE_MAX;
    }
    r->bytes = list;
    if (size)
        memcpy(r->bytes + r->size, bytes, size);
    r->size += size;
    return r->size - size;
}

struct record *records_add(struct records *r, const void *bytes, size_t size)
{
    void *list = r->list;
    size_t at = records_keep(r, bytes, size);
    if (at == SIZE_MAX ||
        !make_room(&list, r->count, &r->room, 1, sizeof(*r->list))) {
        r->lost = true;
        return NULL;
    }
    r->list = list;
    struct record *record = &r->list[r->count++];
    *record = (struct record){.at = at, .size = size};
    return record;
}

/* All were taken: begin anew, and keep memory for the next turn. */
static void begin_anew(struct records *r)
{
    r->count = r->next = 0;
    r->size = 0;
    if (r->lent || r->bytes_room > KEEP_BYTES)
        give_up_bytes(r);
    if (r->room > KEEP_RECORDS) {
        PyMem_RawFree(r->list);
        r->list = NULL;
        r->room = 0;
    }
}

const struct record *records_peek(const struct records *r)
{
    return records_empty(r) ? NULL : &r->list[r->next];
}

const struct record *records_take(struct records *r)
{
    if (!records_empty(r))
        return &r->list[r->next++];
    begin_anew(r);
    return NULL;
}

void records_forget(struct records *r, const void *target)
{
    for (size_t i = r->next; i < r->count; i++) {
        if (r->list[i].target != target)
            continue;
        PyMem_RawFree(r->list[i].detail);
        r->list[i].detail = NULL;
        r->list[i].kind = RECORD_TAKEN;
    }
}
