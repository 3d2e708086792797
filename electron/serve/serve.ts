/**
 * A bench for a browser: the built pages over HTTP and the Host contract over a WebSocket. On loopback a token
 * opens it; on any other address it speaks TLS alone, and a password opens it.
 */
import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { HostHandlers } from '../../shared/contract/contract.ts'
import { CLOSE_REFUSED, LOGIN_PATH, SOCKET_PATH, SUBPROTOCOL } from '../../shared/contract/encoding.ts'
import { BenchFailure } from '../../shared/contract/result.ts'
import type { ServedEngine } from '../../shared/contract/server.ts'
import { readPage, securityHeaders } from '../common/site.ts'
import { attachSocket, MAX_MESSAGE } from '../common/socket.ts'
import { makeToken, readProtocols, sameToken, tokenFault } from '../common/token.ts'
import { DOWNLOAD_PATH, Files, UPLOAD_PATH } from './files.ts'
import { watchImports } from './imported.ts'
import { loopbackAddress, ownOrigins, socketSources, type OwnOrigins } from './guard.ts'
import { listen } from './listen.ts'
import { Logins, readPasswordBody } from './login.ts'
import type { Password } from './password.ts'

const MAX_CLIENTS = 32
/** Connections of any kind, those without a token included. */
const MAX_CONNECTIONS = 256
/** How many ports after the wished one are tried. */
const PORT_TRIES = 20

export interface ServeOptions {
  readonly engine: ServedEngine
  /** A loopback name or address; any other one, or `*`, needs `remote`. */
  readonly host: string
  readonly remote?: Remote
  /** 0 is any free one. */
  readonly port: number
  /** Try the next ports when this one is taken. */
  readonly tryNext: boolean
  /** Folder of the built pages. */
  readonly pages: string
  /** As given by the person; made at random when absent. */
  readonly token?: string
  log(text: string, error?: unknown): void
}

/** What it takes to be reached from other machines. */
export interface Remote {
  /** PEM. Asked again when `onRenewed` tells. */
  readonly certificate: () => { readonly cert: string; readonly key: string }
  readonly onRenewed: (listener: () => void) => () => void
  readonly password: Password
  /** Names and addresses under which this machine is reached, the best one first. */
  readonly names: readonly string[]
}

export interface Serving {
  /** With the token in its fragment, which browsers keep to themselves. Shown once. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

const hostHandlers = (files: Files): HostHandlers => ({
  'host.showWorkspace': () => {
    throw new BenchFailure(
      'unavailable',
      'A browser cannot show folders of the machine. The desktop app can.',
    )
  },
  'host.deliver': async ({ file }) => ({ url: await files.offer(file) }),
  'host.saveText': () => {
    throw new BenchFailure('unavailable', 'A browser saves what a page made itself.')
  },
  'host.chooseFile': () => {
    throw new BenchFailure('unavailable', `A browser uploads a file to ${UPLOAD_PATH} instead.`)
  },
})

/** Rejects with a BenchFailure that says what to do: address not loopback, bad token, port taken. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const loopback = loopbackAddress(options.host)
  const remote = loopback === undefined ? options.remote : undefined
  if (loopback === undefined && remote === undefined) {
    const tunnel = `ssh -L ${options.port}:127.0.0.1:${options.port}`
    throw new BenchFailure(
      'invalid-request',
      `--host ${options.host} is not a loopback address: for others set a password ` +
        `with oktobench serve --set-password. Or use 127.0.0.1, and from another machine a tunnel (${tunnel}).`,
    )
  }
  const address = loopback ?? options.host
  const fault = options.token === undefined ? undefined : tokenFault(options.token)
  if (fault !== undefined) throw new BenchFailure('invalid-request', fault)
  const token = options.token ?? makeToken()

  const logins = remote && new Logins(remote.password)
  const admits = (given: string | undefined): boolean => logins?.admits(given) ?? sameToken(given, token)
  const secure = remote && createSecureServer({ ...remote.certificate(), minVersion: 'TLSv1.2' })
  const endRenewal = remote?.onRenewed(() => {
    try {
      secure?.setSecureContext(remote.certificate())
    } catch (error) {
      options.log('The renewed certificate of the user interface cannot be used', error)
    }
  })
  const server = secure ?? createServer()
  server.maxConnections = MAX_CONNECTIONS
  const port = await listen(server, address, options.port, options.tryNext ? PORT_TRIES : 0)
  const own = remote
    ? ownOrigins(remote.names, port, 'https')
    : ownOrigins([address, 'localhost'], port, 'http')
  const admitted = new Set<WebSocket>()
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
  })

  const files = new Files(() => options.engine.current('bench').workspace.path)
  await files.clean(0)
  const watched = watchImports(options.engine, (path) => {
    files.forget(path).catch((error: unknown) => options.log('An uploaded file could not be removed', error))
  })

  server.on('request', (request, response) => {
    answer(request, response, { pages: options.pages, own, files, admits, logins }).catch(
      (error: unknown) => {
        options.log('A request could not be answered', error)
        response.destroy()
      },
    )
  })
  server.on('upgrade', (request, socket, head) => {
    const status = upgradeStatus(request, own, admitted.size)
    if (status !== undefined) return refuseUpgrade(socket, status)
    sockets.handleUpgrade(request, socket, head, (client) => {
      const given = readProtocols(request.headers['sec-websocket-protocol']).token
      if (admits(given)) {
        admitted.add(client)
        client.on('close', () => admitted.delete(client))
        attachSocket(client, {
          engine: watched.engine,
          hostHandlers: hostHandlers(files),
          log: options.log,
        })
      }
      // Told inside the WebSocket: a page cannot see why an upgrade failed and would try for ever.
      else client.close(CLOSE_REFUSED, 'This token is not known.')
    })
  })
  server.on('error', (error) => options.log('The server of the user interface failed', error))

  return {
    url: remote ? `${own.origins[0] ?? ''}/` : `${own.origins[0] ?? ''}/#token=${token}`,
    port,
    close: async () => {
      watched.stop()
      endRenewal?.()
      const closed = new Promise<unknown>((resolve) => void server.close(resolve))
      for (const client of sockets.clients) client.terminate()
      sockets.close()
      server.closeAllConnections()
      await closed
    },
  }
}

interface Site {
  readonly pages: string
  readonly own: OwnOrigins
  readonly files: Files
  readonly admits: (token: string | undefined) => boolean
  /** Where a password is asked. */
  readonly logins: Logins | undefined
}

async function answer(request: IncomingMessage, response: ServerResponse, site: Site): Promise<void> {
  const { pages, own, files } = site
  const refuse = (status: number, text: string, headers: Record<string, string> = {}): void => {
    response.writeHead(status, {
      ...securityHeaders(),
      'content-type': 'text/plain; charset=utf-8',
      ...headers,
    })
    response.end(`${text}\n`)
  }
  if (!own.allowsHost(request.headers.host)) return refuse(421, 'Open the address that oktobench printed.')
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  if (path === LOGIN_PATH) return takeLogin(request, response, site, refuse)
  if (path === UPLOAD_PATH) return takeUpload(request, response, site, refuse)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(405, 'Pages are only read.', { allow: 'GET, HEAD' })
  }
  if (path.startsWith(DOWNLOAD_PATH)) {
    // The ticket is the permission; looking whether it is good must not use it up.
    if (request.method === 'HEAD') return refuse(405, 'An export is fetched with GET.', { allow: 'GET' })
    const sent = await files.send(path.slice(DOWNLOAD_PATH.length), response)
    return sent
      ? undefined
      : refuse(404, 'This address was used already, or is too old: export the file again.')
  }
  const page = await readPage(pages, path, socketSources(own.origins))
  response.writeHead(page.status, { ...page.headers, 'content-length': page.body.length })
  response.end(request.method === 'HEAD' ? undefined : page.body)
}

/** GET tells whether a password is asked here; POST with `{ password }` answers `{ token }`. */
async function takeLogin(
  request: IncomingMessage,
  response: ServerResponse,
  { own, logins }: Site,
  refuse: (status: number, text: string, headers?: Record<string, string>) => void,
): Promise<void> {
  const send = (value: unknown): void => {
    response.writeHead(200, { ...securityHeaders(), 'content-type': 'application/json; charset=utf-8' })
    response.end(JSON.stringify(value))
  }
  const close = { connection: 'close' }
  if (request.method === 'GET') return send({ password: logins !== undefined })
  if (request.method !== 'POST')
    return refuse(405, 'A password is sent with POST.', { allow: 'GET, POST', ...close })
  if (!logins) return refuse(404, 'No password is asked here.', close)
  // A page of another site must not try passwords by the browser of somebody in the lab.
  if (!own.allowsOrigin(request.headers.origin)) return refuse(403, 'This page may not log in.', close)
  const password = await readPasswordBody(request)
  if (password === undefined) return refuse(400, 'The body holds no password.', close)
  const answer = await logins.login(request.socket.remoteAddress ?? '', password)
  if (answer.status === 200) return send({ token: answer.token })
  const { status, text, retryAfterSeconds } = answer
  refuse(status, text, retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) })
}

/** POST with the token as `x-oktobench-token`, and the file's name as `?name=`; answers `{ path }`. */
async function takeUpload(
  request: IncomingMessage,
  response: ServerResponse,
  { own, files, admits }: Site,
  refuse: (status: number, text: string, headers?: Record<string, string>) => void,
): Promise<void> {
  const { origin, 'x-oktobench-token': given } = request.headers
  // The rest of a body that is not wanted would hold the connection.
  const close = { connection: 'close' }
  if (request.method !== 'POST') return refuse(405, 'Files are sent with POST.', { allow: 'POST', ...close })
  if (!own.allowsOrigin(origin)) return refuse(403, 'This page may not send files.', close)
  if (typeof given !== 'string' || !admits(given)) return refuse(401, 'This token is not known.', close)
  const name = new URL(request.url ?? '/', 'http://bench').searchParams.get('name') ?? ''
  try {
    const path = await files.receive(request, name)
    response.writeHead(200, { ...securityHeaders(), 'content-type': 'application/json; charset=utf-8' })
    response.end(JSON.stringify({ path }))
  } catch (error) {
    if (!(error instanceof BenchFailure)) throw error
    refuse(413, error.message, close)
  }
}

/** Undefined when the upgrade may go on. */
function upgradeStatus(request: IncomingMessage, own: OwnOrigins, clients: number): number | undefined {
  if (!own.allowsHost(request.headers.host)) return 421
  if (!own.allowsOrigin(request.headers.origin)) return 403
  if (request.url !== SOCKET_PATH) return 404
  if (!readProtocols(request.headers['sec-websocket-protocol']).known) return 400
  return clients >= MAX_CLIENTS ? 503 : undefined
}

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  )
}
