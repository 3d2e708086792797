/** The built user interface as pages: the same files and headers for `app://bench/` and for `serve`. */
import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

/**
 * Nothing but what the bench itself brings. React sets styles through the CSSOM, which `style-src` does not
 * govern, so no `unsafe-inline` is needed. `connect` names more than the page's own origin where that is needed.
 */
export function contentSecurityPolicy(connect: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    ["connect-src 'self'", ...connect].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

export function securityHeaders(connect?: readonly string[]): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy(connect),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=()',
    // The files come from this machine: asking again costs nothing, an old page after an update costs an hour.
    'cache-control': 'no-store',
  }
}

/**
 * File below `root` for the path of a URL (still percent-encoded), `/` being index.html. Undefined for anything
 * that is no plain name of a served type: no `..`, no hidden file, no backslash, no NUL, however encoded.
 */
export function siteFile(root: string, urlPath: string): string | undefined {
  let path: string
  try {
    path = decodeURIComponent(urlPath)
  } catch {
    return undefined
  }
  if (path === '/') path = '/index.html'
  const segments = path.split('/')
  if (segments.shift() !== '') return undefined
  if (!segments.every((segment) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(segment))) return undefined
  const file = join(root, ...segments)
  return file.startsWith(root.endsWith(sep) ? root : root + sep) && types[extname(file)] !== undefined
    ? file
    : undefined
}

export interface SitePage {
  readonly status: 200 | 404
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

/** The answer to a GET of this path. Never throws: what cannot be read is not found. */
export async function readPage(
  root: string,
  urlPath: string,
  connect?: readonly string[],
): Promise<SitePage> {
  const file = siteFile(root, urlPath)
  if (file !== undefined) {
    try {
      const body = await readFile(file)
      const headers = { ...securityHeaders(connect), 'content-type': types[extname(file)] ?? '' }
      return { status: 200, headers, body }
    } catch {
      // Not there, or a folder: told as any other path that is not there.
    }
  }
  const headers = { ...securityHeaders(connect), 'content-type': 'text/plain; charset=utf-8' }
  return { status: 404, headers, body: new TextEncoder().encode('Not found\n') }
}
