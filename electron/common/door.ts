/**
 * The door of a running bench for commands of the same person on the same machine, be it one with a window or
 * `serve`: a Unix socket in a folder that nobody else may enter (on Windows a named pipe of a random name), and
 * `door.json` in the workspace, for its owner alone, which says where it is and the token that it asks for. No browser
 * reaches either. Both are there as long as the bench is; what a killed one left behind leads nowhere.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, rmdir, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import * as v from 'valibot'
import { WebSocketServer } from 'ws'
import { CLOSE_REFUSED, SOCKET_PATH, SUBPROTOCOL } from '../../shared/contract/encoding.ts'
import type { ServedEngine } from '../../shared/contract/server.ts'
import { errorCode, writeSecret } from '../engine/workspace/files.ts'
import { noWindow, type OpenHost } from './near-host.ts'
import type { Step } from './stop.ts'
import { attachSocket, MAX_MESSAGE, socketHost } from './socket.ts'
import { makeToken, readProtocols, sameToken } from './token.ts'

export const DOOR_FILE = 'door.json'
const MAX_CONNECTIONS = 16
const PREFIX = 'oktobench-'
const SOCKET = 'door'
/** The name of a Unix socket has at most 103 bytes (macOS); that of ours, with its folder, 22. */
const MAX_ROOT = 80

const doorFile = v.object({ version: v.literal(1), address: v.string(), token: v.string() })
type Door = v.InferOutput<typeof doorFile>

export interface DoorOptions {
  readonly engine: ServedEngine
  readonly workspace: string
  log(text: string, error?: unknown): void
}

/** Opens it until `steps` end the bench, which runs without one where that does not go. */
export async function joinable(options: DoorOptions, steps: Step[]): Promise<void> {
  try {
    steps.unshift({ name: 'the door', run: await openDoor(options) })
  } catch (error) {
    options.log('Commands such as oktobench run cannot join this bench', error)
  }
}

/** Answers what closes it. To be called by the bench that has the workspace. */
export async function openDoor({ engine, workspace, log }: DoorOptions): Promise<() => Promise<void>> {
  const file = join(workspace, DOOR_FILE)
  // Whoever made it does not run any more: this bench has the workspace.
  await forget((await readDoor(file))?.address)
  const address = await newAddress()
  const token = makeToken()
  const server = createServer((_request, response) => {
    response.writeHead(404, { connection: 'close' }).end()
  })
  server.maxConnections = MAX_CONNECTIONS
  const sockets = new WebSocketServer({
    server,
    path: SOCKET_PATH,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    // Programs send no Origin: what does is a page.
    verifyClient: ({ req }: { readonly req: IncomingMessage }) => req.headers.origin === undefined,
    handleProtocols: () => SUBPROTOCOL,
  })
  sockets.on('connection', (client, request) => {
    const given = readProtocols(request.headers['sec-websocket-protocol']).token
    if (sameToken(given, token)) attachSocket(client, { engine, hostHandlers: noWindow, log })
    else client.close(CLOSE_REFUSED, 'This token is not known.')
  })
  const close = async (): Promise<void> => {
    await rm(file, { force: true })
    const closed = new Promise<unknown>((resolve) => void server.close(resolve))
    for (const client of sockets.clients) client.terminate()
    sockets.close()
    server.closeAllConnections()
    await closed
    await forget(address)
  }
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(address, resolve)
    })
    server.on('error', (error) => log('The door for other programs failed', error))
    await writeSecret(file, `${JSON.stringify({ version: 1, address, token } satisfies Door)}\n`)
  } catch (error) {
    await close()
    throw error
  }
  return close
}

/** The bench that has the workspace, when it runs and lets itself be joined. */
export async function joinBench(workspace: string): Promise<OpenHost | undefined> {
  const door = await readDoor(join(workspace, DOOR_FILE))
  if (!door) return undefined
  const { address, token } = door
  const url = `ws://bench${SOCKET_PATH}`
  // Left behind by a bench that was killed: nobody is there.
  return await socketHost({ url, token, connect: () => createConnection(address) }).catch(() => undefined)
}

/** Undefined where there is none, none that can be read, or one that somebody else has put there. */
async function readDoor(file: string): Promise<Door | undefined> {
  try {
    const { uid } = await stat(file)
    const self = process.getuid?.()
    // What is told to a bench may hold passwords; root may use anybody's.
    if (self !== undefined && self !== 0 && uid !== self) return undefined
    const read = v.safeParse(doorFile, JSON.parse(await readFile(file, 'utf8')))
    return read.success ? read.output : undefined
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

async function newAddress(): Promise<string> {
  if (process.platform === 'win32') return `\\\\.\\pipe\\${PREFIX}${randomBytes(16).toString('hex')}`
  // That of the login session goes with it, and nobody else can look into it.
  const roots = [process.env['XDG_RUNTIME_DIR'], tmpdir(), '/tmp']
  let refused: unknown
  for (const root of roots) {
    if (!root || Buffer.byteLength(root) > MAX_ROOT) continue
    try {
      // mkdtemp makes it for its owner alone.
      return join(await mkdtemp(join(root, PREFIX)), SOCKET)
    } catch (error) {
      refused = error
    }
  }
  throw refused ?? new Error('There is no folder for a socket.')
}

/** Removes a socket with its folder, when it looks like one of ours: the address may stand in a file that was edited. */
async function forget(address: string | undefined): Promise<void> {
  if (address === undefined || process.platform === 'win32') return
  const folder = dirname(address)
  if (basename(address) !== SOCKET || !basename(folder).startsWith(PREFIX)) return
  await rm(address, { force: true }).catch(() => undefined)
  await rmdir(folder).catch(() => undefined)
}
