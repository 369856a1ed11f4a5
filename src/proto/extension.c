#include "proto/extension.h"

static const char header[] = "Sec-WebSocket-Extensions";

/* Where the part at the front of `s` ends: at a semicolon outside quotes. */
static size_t part_end(struct hws_span s)
{
    bool quoted = false;
    for (size_t i = 0; i < s.size; i++) {
        uint8_t c = s.data[i];
        if (c == '"')
            quoted = !quoted;
        else if (quoted && c == '\\')
            i++;
        else if (!quoted && c == ';')
            return i;
    }
    return s.size;
}

/* Take the next part off `left`. A semicolon promises another part. */
static struct hws_span take_part(struct hws_span *left)
{
    size_t end = part_end(*left);
    struct hws_span part = hwi_span_trim(hwi_span_part(*left, 0, end));
    bool more = end < left->size;
    *left = hwi_span_part(*left, end + (more ? 1 : 0), left->size);
    if (more && left->size == 0)
        *left = hwi_span(" ", 1);
    return part;
}

/* The next line of the header, or false. Each holds an element at least. */
static bool next_line(struct hwi_extension_list *list)
{
    const struct hwi_http_head *head = list->head;
    while (list->line < head->header_count) {
        const struct hwi_http_header *line = &head->headers[list->line++];
        if (hwi_span_is_nocase(line->name, header)) {
            list->left = line->value;
            return true;
        }
    }
    return false;
}

int hwi_extension_next(struct hwi_extension_list *list,
                       struct hwi_extension *extension)
{
    struct hws_span element;
    bool fresh = false;
    while (!hwi_span_next_element(&list->left, &element)) {
        extension->text = hwi_span(NULL, 0);
        if (fresh)
            return HWS_E_HTTP;
        if (!next_line(list))
            return 0;
        fresh = true;
    }
    extension->text = extension->left = element;
    extension->name = take_part(&extension->left);
    return hwi_http_is_token(extension->name) ? 1 : HWS_E_HTTP;
}

/* Section 9.1: what is in quotes must be a token without its quotes. */
static bool unquote(struct hws_span *value)
{
    struct hws_span inside = hwi_span_part(*value, 1, value->size);
    if (inside.size < 2 || inside.data[inside.size - 1] != '"')
        return false;
    inside.size--;
    for (size_t i = 0; i < inside.size; i++) {
        i += inside.data[i] == '\\';
        if (i == inside.size || !hwi_http_is_token(hwi_span_part(inside, i, 1)))
            return false;
    }
    *value = inside;
    return true;
}

int hwi_extension_param(struct hwi_extension *extension,
                        struct hwi_extension_param *param)
{
    if (extension->left.size == 0)
        return 0;
    struct hws_span text = take_part(&extension->left);
    size_t equals = hwi_span_find(text, '=');
    *param = (struct hwi_extension_param){
        .text = text,
        .name = hwi_span_trim(hwi_span_part(text, 0, equals)),
        .has_value = equals < text.size,
    };
    if (!hwi_http_is_token(param->name))
        return HWS_E_HTTP;
    if (!param->has_value)
        return 1;
    param->value = hwi_span_trim(hwi_span_part(text, equals + 1, text.size));
    if (param->value.size && param->value.data[0] == '"')
        return unquote(&param->value) ? 1 : HWS_E_HTTP;
    return hwi_http_is_token(param->value) ? 1 : HWS_E_HTTP;
}

bool hwi_extension_number(const struct hwi_extension_param *param,
                          unsigned *number)
{
    uint8_t digits[2];
    size_t size = 0;
    for (size_t i = 0; i < param->value.size; i++) {
        i += param->value.data[i] == '\\';
        if (size == sizeof(digits))
            return false;
        digits[size++] = param->value.data[i];
    }
    uint64_t value;
    if (!hwi_span_number(hwi_span(digits, size), 99, &value))
        return false;
    *number = (unsigned)value;
    return digits[0] != '0' || size == 1;
}
