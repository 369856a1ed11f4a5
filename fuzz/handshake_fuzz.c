/*
 * The opening handshake with a peer that may say anything, for both roles:
 * raw bytes, or bytes put somewhere into what an honest peer says, so that
 * a right Sec-WebSocket-Accept is reached as well.
 *
 * Input: one byte of choices (1: the server role, 2: into honest words, 4: in
 * pieces), one byte for the place, then the bytes.
 */
#include "subject.h"

#include <string.h>

/* What an honest peer of `subject` says. */
static size_t honest(struct subject *subject, bool server, uint8_t *words,
                     size_t size)
{
    struct subject peer;
    uint8_t request[2048];
    subject_init(&peer, server ? HWS_CLIENT : HWS_SERVER, true);
    if (!server) {
        size_t said = subject_output(subject, request, sizeof(request));
        subject_feed(&peer, hwi_span(request, said), 1);
        FUZZ_CHECK(peer.ups == 1);
    }
    size = subject_output(&peer, words, size);
    subject_release(&peer);
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 8192)
        return 0;
    struct subject subject;
    bool server = data[0] & 1;
    uint8_t words[2048];
    subject_init(&subject, server ? HWS_SERVER : HWS_CLIENT, true);
    size_t length = 0;
    if (data[0] & 2)
        length = honest(&subject, server, words, sizeof(words));
    size_t at = length ? data[1] * length / 255 : 0;
    uint8_t *all = malloc(length + size);
    FUZZ_CHECK(all);
    memcpy(all, words, at);
    memcpy(all + at, data + 2, size - 2);
    memcpy(all + at + size - 2, words + at, length - at);
    length += size - 2;
    subject_feed(&subject, hwi_span(all, length),
                 data[0] & 4 ? data[1] % 7u + 1 : length + 1);
    subject_end(&subject);
    subject_release(&subject);
    free(all);
    return 0;
}
