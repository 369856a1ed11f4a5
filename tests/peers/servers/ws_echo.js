// The echo server of servers/protocol.md on Node's ws.
'use strict';
const fs = require('fs');
const http = require('http');
const https = require('https');
const { WebSocketServer } = require('ws');

const [port, certificate, key] = process.argv.slice(2);
const server = certificate
  ? https.createServer({ cert: fs.readFileSync(certificate),
                         key: fs.readFileSync(key) })
  : http.createServer();

function command(ws, text) {
  const [verb, ...words] = text.slice(1).split(' ');
  const rest = words.join(' ');
  if (verb === 'ping') {
    ws.once('pong', (data) => ws.send('ponged ' + data.toString()));
    ws.ping(rest);
  } else if (verb === 'close') {
    ws.close(Number(words[0]), words.slice(1).join(' '));
  } else if (verb === 'cut') {
    ws.terminate();
  } else if (verb === 'feed') {
    for (let i = 0; i < Number(rest); i++) ws.send(String(i));
  }
}

const wss = new WebSocketServer({
  server,
  maxPayload: 0,
  perMessageDeflate: process.env.PEER_COMPRESSION ? { threshold: 0 } : false,
  handleProtocols: (offered) => (offered.has('second') ? 'second' : false),
});
wss.on('connection', (ws) => {
  ws.on('error', () => {});
  ws.on('close', (code, reason) => console.log('closed', code, String(reason)));
  ws.on('message', (data, isBinary) => {
    const text = isBinary ? null : data.toString();
    if (text && text.startsWith('!')) command(ws, text);
    else ws.send(data, { binary: isBinary });
  });
});
server.listen(Number(port), '127.0.0.1', () =>
  console.log('listening', server.address().port));
