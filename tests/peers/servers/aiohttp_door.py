"""A server on aiohttp that is not entered at once: it redirects, asks who is
there, and hands out cookies.

    /door       a WebSocket; says the headers of its request as JSON
    /to         redirects to ?to= with ?status= (302)
    /cookie     sets the cookies that ?set= names, and redirects to /door
    /basic      the door for user "u" with password "p:w"
    /bearer     the door for the token "sesame"
"""
import asyncio
import json
import ssl
import sys

from aiohttp import BasicAuth, web


async def door(request):
    ws = web.WebSocketResponse(compress=False)
    await ws.prepare(request)
    await ws.send_str(json.dumps(
        {"path": request.path_qs,
         "headers": {k.lower(): v for k, v in request.headers.items()}}))
    async for _ in ws:
        pass
    return ws


async def to(request):
    status = int(request.query.get("status", "302"))
    return web.Response(status=status,
                        headers={"Location": request.query["to"]})


async def cookie(request):
    answer = web.Response(status=303, headers={"Location": "/door"})
    for text in request.query.getall("set"):
        name, _, value = text.partition("=")
        answer.set_cookie(name, value, max_age=3600, httponly=True)
    return answer


async def basic(request):
    wanted = BasicAuth("u", "p:w").encode()
    if request.headers.get("Authorization") == wanted:
        return await door(request)
    return web.Response(
        status=401, headers={"WWW-Authenticate": 'Basic realm="door"'})


async def bearer(request):
    if request.headers.get("Authorization") == "Bearer sesame":
        return await door(request)
    return web.Response(status=403)


async def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    app = web.Application()
    for path, handler in [("/door", door), ("/to", to), ("/cookie", cookie),
                          ("/basic", basic), ("/bearer", bearer)]:
        app.router.add_get(path, handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", int(sys.argv[1]),
                       ssl_context=context)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    print("listening", port, flush=True)
    await asyncio.Future()


asyncio.run(main())
