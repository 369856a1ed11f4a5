/*
 * Frames from a peer that may say anything, to both roles, after a proper
 * handshake. Whole messages must not depend on how the bytes were cut.
 *
 * Input: one byte of choices (1: the server role, 2: chunks), one byte that
 * says how the rest is cut, then frames.
 */
#include "subject.h"

static uint64_t life(uint8_t choices, struct hws_span frames, size_t step)
{
    struct subject client, server;
    struct subject *subject = choices & 1 ? &server : &client;
    subject_init(&client, HWS_CLIENT, !(choices & 2));
    subject_init(&server, HWS_SERVER, !(choices & 2));

    uint8_t request[2048], answer[2048];
    size_t size = subject_output(&client, request, sizeof(request));
    FUZZ_CHECK(hws_proto_feed(server.proto, request, size, HWS_S(1)) == 0);
    subject_drain(&server);
    size = subject_output(&server, answer, sizeof(answer));
    FUZZ_CHECK(hws_proto_feed(client.proto, answer, size, HWS_S(1)) == 0);
    subject_drain(&client);
    FUZZ_CHECK(client.ups == 1 && server.ups == 1);

    subject_feed(subject, frames, step);
    subject_end(subject);
    uint64_t trace = subject->trace;
    subject_release(&client);
    subject_release(&server);
    return trace;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct hws_span frames = hwi_span(data + 2, size - 2);
    uint64_t whole = life(data[0], frames, frames.size);
    uint64_t cut = life(data[0], frames, (size_t)data[1] + 1);
    FUZZ_CHECK(data[0] & 2 || whole == cut);
    return 0;
}
