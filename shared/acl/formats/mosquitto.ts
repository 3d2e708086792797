/**
 * Mosquitto's `acl_file` (versions 1.6 to 2.0), as its server reads it:
 *
 * - `topic` lines belong to the `user` line before them, those before any `user` line to clients without a user
 *   name; `pattern` lines to everybody. All lines of a user count, wherever they stand.
 * - Order in the file does not count: a user's denies come first, then the user's other lines, then the denying
 *   patterns, then the other patterns. The first that matches decides; else it is denied.
 * - `deny` is for reading and writing. `read` is judged message by message on delivery: every SUBSCRIBE is granted.
 * - `%u` and `%c` are filled with any value, but a name with `+` or `#` is denied all that patterns give.
 */
import { ACL_LIMITS, type AclRule, type Who } from '../model.ts'
import { Import, refused, TOO_LONG, type Imported } from './report.ts'

type Access = 'read' | 'write' | 'readwrite' | 'deny'
const ACCESS: Readonly<Record<Access, Pick<AclRule, 'effect' | 'action'>>> = {
  read: { effect: 'allow', action: 'subscribe' },
  write: { effect: 'allow', action: 'publish' },
  readwrite: { effect: 'allow', action: 'both' },
  deny: { effect: 'deny', action: 'both' },
}
const isAccess = (word: string): word is Access => Object.hasOwn(ACCESS, word)

interface Line {
  readonly line: number
  readonly access: Access
  readonly topic: string
  /** `undefined` for a pattern. */
  readonly who: Who | undefined
}

/** Key of the lines that are for everybody. */
const PATTERNS = ''

export function importMosquitto(text: string): Imported {
  if (text.length > ACL_LIMITS.file) return refused(TOO_LONG)
  const into = new Import('mosquitto')
  const lines = readLines(text, into)
  // Users exclude one another, so that only the order within a user and among the patterns counts.
  const owners = new Map<string, Line[]>()
  for (const line of lines) {
    const key = line.who === undefined ? PATTERNS : JSON.stringify(line.who)
    const own = owners.get(key)
    if (own === undefined) owners.set(key, [line])
    else own.push(line)
  }
  const patterns = owners.get(PATTERNS) ?? []
  owners.delete(PATTERNS)
  for (const own of [...owners.values(), patterns]) {
    for (const line of own) if (line.access === 'deny') addRule(line, into)
    for (const line of own) if (line.access !== 'deny') addRule(line, into)
  }
  addRemarks(lines, into)
  return into.result()
}

function readLines(text: string, into: Import): Line[] {
  const found: Line[] = []
  let who: Who = { username: { none: true } }
  for (const [i, raw] of text.split('\n').entries()) {
    const line = i + 1
    const trimmed = raw.trimEnd()
    if (trimmed.startsWith('#')) continue
    // The server parts words at spaces only; a tab belongs to its word.
    const [, keyword, rest = ''] = /^ *([^ ]+)(?: +(.*))?$/.exec(trimmed) ?? []
    if (keyword === undefined) continue
    if (keyword === 'user') {
      if (rest === '')
        into.note('error', 'The user line has no name. Mosquitto does not start with it.', line)
      // What follows must not fall to the user before.
      who = { username: { exact: rest.trim() } }
    } else if (keyword === 'topic' || keyword === 'pattern') {
      const entry = readTopic(rest)
      if (typeof entry === 'string')
        into.note('error', `${entry} Mosquitto does not start with this line.`, line)
      else found.push({ line, ...entry, who: keyword === 'pattern' ? undefined : who })
    } else {
      const text = `The line begins with "${keyword.slice(0, 50)}" instead of user, topic or pattern.`
      into.note('error', `${text} Mosquitto does not start with it.`, line)
    }
  }
  return found
}

function readTopic(rest: string): Pick<Line, 'access' | 'topic'> | string {
  if (rest === '') return 'The topic is missing.'
  const space = rest.indexOf(' ')
  if (space < 0) return { access: 'readwrite', topic: rest }
  const access = rest.slice(0, space)
  if (!isAccess(access)) return `"${access.slice(0, 50)}" is none of read, write, readwrite and deny.`
  return { access, topic: rest.slice(space + 1).trim() }
}

function addRule({ line, access, topic, who }: Line, into: Import): void {
  const { effect, action } = ACCESS[access]
  if (topic.includes('${')) {
    into.dropped(line, effect, 'Its topic holds ${, which would be taken for a placeholder here.')
    return
  }
  if (topic.startsWith('$share/')) {
    into.note(
      'different',
      'The line has no effect: Mosquitto judges shared subscriptions by their inner topic.',
      line,
    )
    return
  }
  const filled = who ? topic : topic.replaceAll('%u', '${username}').replaceAll('%c', '${clientid}')
  const owner =
    who?.username === undefined ? 'everybody' : 'exact' in who.username ? who.username.exact : 'no user'
  into.rule(line, { name: `${owner}: ${access} ${topic}`, effect, action, topic: filled, who: who ?? {} })
}

function addRemarks(lines: readonly Line[], into: Import): void {
  if (lines.some(({ access }) => access === 'read' || access === 'readwrite'))
    into.note(
      'narrower',
      'Mosquitto grants every subscription and holds back the messages that may not be read. ' +
        'Here a subscription is refused unless it asks only for topics that may be read.',
    )
  const patterns = lines.filter(({ who }) => who === undefined)
  if (patterns.some(({ topic }) => /%[uc]/.test(topic)))
    into.note(
      'narrower',
      'Mosquitto fills %u and %c with any value. Here an allow rule does not match when the value is empty or holds /; ' +
        'a deny rule then denies everything below that place.',
    )
  if (patterns.some(({ access }) => access !== 'deny'))
    into.note(
      'wider',
      'Mosquitto denies clients whose user name or client ID holds + or # everything that patterns allow. ' +
        'Here this is so only for the placeholders that the rule has.',
    )
}
