import { WebSocketServer, type WebSocket } from 'ws';

/** What Realtime is measured against: whoever opened the same path gets what one of them sends, and nothing else is done. */
const rooms = new Map<string, Set<WebSocket>>();

const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1' });
server.on('connection', (socket, { url = '/' }) => {
  const room = rooms.get(url) ?? new Set();
  rooms.set(url, room.add(socket));
  socket.on('message', (data, binary) => {
    for (const member of room) member.send(data, { binary });
  });
  socket.on('close', () => room.delete(socket));
});
server.on('listening', () => process.send?.('ready'));
process.on('disconnect', () => process.exit(0));
