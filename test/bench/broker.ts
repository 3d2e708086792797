/** A broker process for the bench: `broker.js bench|bare FOLDER PORT KEEP`. */
import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import { startEngine } from '../../electron/engine/engine.ts'

const [kind, folder, portText, keep] = process.argv.slice(2) as [string, string, string, string]
const port = Number(portText)

if (kind === 'bench') {
  const engine = await startEngine({
    workspace: folder,
    host: 'browser',
    version: 'bench',
    captureWorker: new URL('../main/capture-worker.js', import.meta.url),
    overrides: {
      'listeners.tcp.port': port,
      'listeners.tcp.host': '127.0.0.1',
      'listeners.ws.enabled': false,
      'listeners.tls.enabled': false,
      'listeners.wss.enabled': false,
      'nats.enabled': false,
      'access.open': true,
      // The others have no such limits.
      'broker.connectsPerSecond': 0,
      'broker.maxQueued': 1_000_000,
      'broker.queuedKiB': 1_048_576,
      'broker.maxRetained': 1_000_000,
      'broker.keepSessions': keep !== 'nothing',
      'broker.syncEach': keep === 'each message',
    },
  })
  process.on('SIGTERM', () => void engine.stop().then(() => process.exit(0)))
} else {
  const aedes = await Aedes.createBroker()
  createServer((socket) => {
    socket.setNoDelay(true)
    aedes.handle(socket)
  }).listen({ port, host: '127.0.0.1', backlog: 4096 })
}
