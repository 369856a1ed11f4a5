/*
 * Conversations as text. A script is a list of lines; what it expects stands
 * below what causes it:
 *
 *     < ping 'hi'            a frame of the peer arrives
 *     > pong 'hi'            a frame that we send in answer
 *     ! ping 'hi'            an event that next() gives
 *     = send text 'hello'    a call that succeeds
 *     = send more 'x' -> state     ... or fails with that status
 *     @ 15s                  time passes; due deadlines are ticked
 *
 * After every <, = and @ line, all output and all events must be named, each
 * kind in its order. A pattern that ends in * matches any rest.
 *
 * Frames:   text, binary, more (continuation), each with ... behind the word
 *           when FIN is not set; ping, pong; close [code ['reason']];
 *           `frame 83 'x'` with any first byte; masked as the role demands.
 *           `deflated` before a data frame: compressed by a zlib of the peer's
 *           own that remembers what went before; `afresh`: that does not.
 * Bytes:    `hex 81 05 'hello' 00`; `http GET / HTTP/1.1|Host: x||`, where |
 *           is CRLF; `raw 'abc'`.
 * Payload:  'text' with \xNN, \\ and \'; repeated: 'a'*1000; joined: 'a' 'b'.
 * Events:   up ['subprotocol'], text, binary ("..." before a payload that is
 *           not the first part, behind one that is not the last), ping, pong
 *           [round trip], closing PARTY CODE ['reason'], down STATUS PHASE by
 *           PARTY sent CODE got CODE [clean] [truncated] [unsent N]: TEXT.
 * Calls:    send KIND PAYLOAD, part KIND PAYLOAD (not the last), ping, close
 *           [code ['reason']], lost STATUS [truncated], fail, stall (output is
 *           not taken), flow (it is), take N (N bytes are), chop N (from now
 *           on the peer's bytes come N at once at the most), pause, resume,
 *           probe, trim, shut (wants_shut is true), accept ['subprotocol'],
 *           reject CODE.
 *
 * A script is played whole, cut in two at every byte of the peer's, and byte
 * by byte. It must read the same each time.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "support/test.h"

/* Defaults, with a random source whose key is the one of RFC 6455's sample. */
void script_options(struct hws_proto_options *options, enum hws_role role);

/* How often a script was played so far. */
unsigned long script_plays(void);

/* From UP on, with default options, in both roles. */
void play(const char *text);
/* From UP on, in the role of the options. */
void play_with(const struct hws_proto_options *options, const char *text);
/* From UP on with compression, agreed in `words`: the client's answer, or the
 * offer that the server gets. */
void play_deflated(const struct hws_proto_options *options, const char *words,
                   const char *text);
/* From the first byte on. */
void play_handshake(const struct hws_proto_options *options, const char *text);

/* The heads of a handshake that succeeds, in the notation of `http`. */
#define SCRIPT_ANSWER                         \
    "HTTP/1.1 101 Switching Protocols|"       \
    "Upgrade: websocket|Connection: Upgrade|" \
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=|"
#define SCRIPT_REQUEST                             \
    "GET / HTTP/1.1|Host: x|"                      \
    "Upgrade: websocket|Connection: Upgrade|"      \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==|" \
    "Sec-WebSocket-Version: 13|"

#endif
