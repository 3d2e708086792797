/** `app://bench/`: the built pages, and nothing else of this machine. */
import { protocol, type Session } from 'electron'
import { readPage, securityHeaders } from '../common/site.ts'

const SCHEME = 'app'
const HOST = 'bench'
export const START_PAGE = `${SCHEME}://${HOST}/`

/** Must run before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** Serves `pages` (a folder) to the windows of this session. */
export function servePages(session: Session, pages: string): void {
  session.protocol.handle(SCHEME, (request) => answer(request, pages))
}

/** A page of the bench: right scheme, right host, no user name or port to confuse a reader. */
export function isOwnPage(url: string): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  return (
    parsed?.protocol === `${SCHEME}:` &&
    parsed.hostname === HOST &&
    parsed.port === '' &&
    parsed.username === '' &&
    parsed.password === ''
  )
}

export async function answer(request: Request, pages: string): Promise<Response> {
  if (!isOwnPage(request.url)) return new Response('Not found\n', { status: 404, headers: securityHeaders() })
  if (request.method !== 'GET') {
    return new Response('Method not allowed\n', {
      status: 405,
      headers: { ...securityHeaders(), allow: 'GET' },
    })
  }
  const { status, headers, body } = await readPage(pages, new URL(request.url).pathname)
  return new Response(new Uint8Array(body), { status, headers })
}
