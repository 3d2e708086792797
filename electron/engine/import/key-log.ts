/** Secrets of TLS connections as `SSLKEYLOGFILE` has them: `LABEL <client random> <secret>`, in hexadecimal. */

const LABELS = [
  'CLIENT_RANDOM',
  'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  'SERVER_HANDSHAKE_TRAFFIC_SECRET',
  'CLIENT_TRAFFIC_SECRET_0',
  'SERVER_TRAFFIC_SECRET_0',
] as const
export type SecretLabel = (typeof LABELS)[number]

const line = /^([A-Z0-9_]+) ([0-9a-f]{64}) ([0-9a-f]{64,128})$/i
/** More than a busy server makes in a day. */
const MAX_SECRETS = 2_000_000

export class KeyLog {
  readonly #secrets = new Map<string, string>()

  get size(): number {
    return this.#secrets.size
  }

  /** Adds the lines of a key log; others, as comments, are passed over. Answers false when there was no room for all. */
  add(text: string): boolean {
    for (const [, label = '', random = '', secret = ''] of linesOf(text)) {
      if (!LABELS.some((known) => known === label)) continue
      if (this.#secrets.size >= MAX_SECRETS) return false
      this.#secrets.set(`${label} ${random.toLowerCase()}`, secret)
    }
    return true
  }

  secret(label: SecretLabel, clientRandom: Uint8Array): Buffer | undefined {
    const hex = this.#secrets.get(`${label} ${Buffer.from(clientRandom).toString('hex')}`)
    return hex === undefined ? undefined : Buffer.from(hex, 'hex')
  }
}

function* linesOf(text: string): Generator<RegExpExecArray> {
  for (const one of text.split(/\r?\n/)) {
    const match = line.exec(one.trim())
    if (match !== null) yield match
  }
}
