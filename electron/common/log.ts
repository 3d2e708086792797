/** What a host writes to standard error. Values that look like secrets never get that far. */

/** Names whose value is a secret, in JSON, in `name=value`, in headers and in the fragment of an address. */
const secret =
  /(["']?\b[\w-]*(?:token|passw(?:or)?d|passphrase|secret|authorization|nkey|seed|private[_-]?key)\b["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?:bearer |basic )?[^\s,;&}\])]+)/gi
/** `mqtt://user:password@host` */
const credentials = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+@/gi
const pem = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g

export function redact(text: string): string {
  return text
    .replace(pem, '(private key removed)')
    .replace(credentials, '$1(removed)@')
    .replace(secret, '$1(removed)')
}

/** An error with its stack and causes, as text for a log. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? `${error.name}: ${error.message}`
  return error.cause === undefined ? own : `${own}\ncaused by: ${describeError(error.cause)}`
}

export function logLine(text: string, error?: unknown): void {
  const whole = error === undefined ? text : `${text}: ${describeError(error)}`
  process.stderr.write(`${new Date().toISOString()} ${redact(whole)}\n`)
}
