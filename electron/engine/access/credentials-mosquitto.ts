/** User names from a Mosquitto `password_file` (mosquitto_passwd). Its hashes cannot be turned back into passwords. */

export interface PasswordFile {
  /** In the order of the file, each once. */
  readonly usernames: readonly string[]
  /** Lines that name no user, with what is wrong. Their text is not quoted: it may be a password. */
  readonly problems: readonly { readonly line: number; readonly text: string }[]
}

/** MQTT carries no longer one (a UTF-8 string, [MQTT-1.5.4]). */
const MAX_NAME = 65_535

/** Lines are `name:hash`; empty ones and comments (`#`) are skipped. */
export function readPasswordFile(text: string): PasswordFile {
  const usernames = new Set<string>()
  const problems: { line: number; text: string }[] = []
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = index + 1
    if (raw.trim() === '' || raw.startsWith('#')) continue
    const colon = raw.indexOf(':')
    if (colon < 0) problems.push({ line, text: 'there is no “:” between user name and hash' })
    else if (colon === 0) problems.push({ line, text: 'the user name is empty' })
    else if (colon > MAX_NAME) problems.push({ line, text: 'the user name is too long' })
    else if (usernames.has(raw.slice(0, colon))) problems.push({ line, text: 'the user was named before' })
    else usernames.add(raw.slice(0, colon))
  }
  return { usernames: [...usernames], problems }
}
