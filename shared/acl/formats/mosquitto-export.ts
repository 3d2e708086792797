/**
 * An access list as an `acl_file` of Mosquitto; its rules of reading are told in `mosquitto.ts`.
 *
 * Rules for one user name become `topic` lines of that user, rules for everybody `pattern` lines. Mosquitto asks a
 * user's lines before the patterns, and denies before the rest. So a deny for everybody that stands before an
 * allow of one user is repeated among that user's lines; and where an allow stands before a deny that touches
 * it, the deny wins, and a note says so.
 */
import { filterShape, overlaps, type FilterShape } from '../match.ts'
import { qosMask, ruleLabel, type AclList, type AclRule, type Effect } from '../model.ts'
import { fillWith, prepareTemplate } from '../template.ts'
import { lossNote, type EndpointAs, type Exported, type FormatNote } from './report.ts'

export interface MosquittoOptions {
  /** Without it, rules with `${endpoint}` do not translate. */
  readonly endpointAs?: EndpointAs
}

/** `undefined`: everybody. `null`: clients without a user name. */
type User = string | null | undefined

/** By user, the denies for everybody that are repeated among the lines of that user. */
type FormerDenies = ReadonlyMap<User, ReadonlySet<Entry>>

/** A rule in Mosquitto's words. */
interface Entry {
  readonly index: number
  readonly label: string
  readonly effect: Effect
  readonly user: User
  readonly reads: boolean
  readonly writes: boolean
  /** With `%u` and `%c`, and `+` in place of the levels that hold them. */
  readonly topic: string
  readonly broad: string
  /** That of `broad`. */
  readonly shape: FilterShape
}

export function exportMosquitto(list: AclList, options: MosquittoOptions = {}): Exported {
  const notes: FormatNote[] = []
  const entries = list.rules.flatMap((rule, index) =>
    rule.enabled ? entriesOf(list, index, options, notes) : [],
  )
  const needed = entries.filter((entry) => entry.effect === 'allow' || isNeeded(entry, entries))
  const users = [...new Set(needed.map(({ user }) => user))].filter((user) => user !== undefined)
  const former: FormerDenies = new Map(users.map((user) => [user, new Set(formerDenies(user, needed))]))
  noteOrder(needed, former, notes)
  addGeneralNotes(needed, notes)
  // Lines before the first `user` line are those of clients without a name.
  users.sort((a, b) => Number(a !== null) - Number(b !== null))
  const sections = users.map((user) => {
    const own = linesOfUser(user, needed, [...former.get(user)!])
    return `${user === null ? '# Clients without a user name' : `user ${user}`}\n${linesOf(own, 'topic')}`
  })
  const patterns = needed.filter(({ user }) => user === undefined)
  if (patterns.length > 0) sections.push(`# Everybody\n${linesOf(patterns, 'pattern')}`)
  return { text: [HEAD, ...sections].join('\n'), notes }
}

const HEAD = `# Written by Oktobench. What no line allows is denied.
# Mosquitto asks denies first, then the lines of the user, then the patterns; it grants every SUBSCRIBE and
# holds back the messages that may not be read.
`

/** None when the rule cannot be said; what was lost goes to `notes`. */
function entriesOf(list: AclList, index: number, options: MosquittoOptions, notes: FormatNote[]): Entry[] {
  const rule = list.rules[index]!
  const losses: string[] = []
  const { username, ...others } = rule.who
  if (Object.keys(others).length > 0) losses.push('conditions on client ID, endpoint ID, network or listener')
  const user = userOf(username)
  if (username !== undefined && user === undefined)
    losses.push('wildcards or regular expressions for user names')
  const lostWho = losses.length > 0
  if (rule.retain !== undefined || qosMask(rule.qos) !== 0b111) losses.push('conditions on QoS or retain')
  const { topic, loss } = topicOf(rule, user, options)
  if (loss !== undefined) losses.push(loss)
  if (losses.length > 0) {
    const { note, stays } = lossNote(list, index, 'Mosquitto', losses, lostWho)
    notes.push(note)
    if (!stays) return []
  }
  const levels = topic.split('/').map((level) => (isPattern(user) && /%[uc]/.test(level) ? '+' : level))
  return [
    {
      index,
      label: ruleLabel(index, rule),
      effect: rule.effect,
      user,
      reads: rule.action !== 'publish',
      writes: rule.action !== 'subscribe',
      topic,
      broad: levels.join('/'),
      shape: filterShape(levels.join('/')),
    },
  ]
}

const isPattern = (user: User): boolean => user === undefined

/** `undefined` where it is not one name that a line can hold. */
function userOf(username: AclRule['who']['username']): User {
  if (username === undefined) return undefined
  if ('none' in username) return null
  return 'exact' in username && isLineText(username.exact) ? username.exact : undefined
}

/** Lines are trimmed and end at a line feed. */
const isLineText = (text: string): boolean => text !== '' && text === text.trim() && !/[\n\r\0]/.test(text)

function topicOf(
  rule: AclRule,
  user: User,
  { endpointAs }: MosquittoOptions,
): { topic: string; loss?: string } {
  const template = prepareTemplate(rule.topic)
  const marks = { username: '%u', clientid: '%c', endpoint: endpointAs === 'username' ? '%u' : '%c' } as const
  const asks = template.placeholders
  const fixed = fillWith(template, () => '')
  let loss: string | undefined
  if (asks.includes('endpoint') && endpointAs === undefined) loss = '${endpoint} (choose what stands for it)'
  else if (!isLineText(rule.topic)) loss = 'a topic with spaces at its ends or with line breaks'
  else if (isPattern(user) && /%[uc]/.test(fixed)) loss = 'a topic with the characters %u or %c'
  // `topic` lines have no placeholders, but the user name is known there.
  else if (!isPattern(user) && asks.some((name) => marks[name] === '%c')) loss = '${clientid} for one user'
  else if (user === null && asks.length > 0) loss = '${username} for clients without one'
  if (loss === undefined) {
    const topic = fillWith(template, (name) => (isPattern(user) ? marks[name] : (user ?? '')))
    return user && asks.length > 0 && /[/+#]/.test(user)
      ? { topic: cut(rule.topic), loss: 'this user name in a topic' }
      : { topic }
  }
  return { topic: cut(rule.topic), loss }
}

/** The topic up to the level that does not translate, then `#`: for a deny rule, which may be broader. */
function cut(topic: string): string {
  const levels = topic.split('/')
  const bad = levels.findIndex((level) => /\$\{|%[uc]|[\s\0]/.test(level))
  return bad < 0 ? topic : [...levels.slice(0, bad), '#'].join('/')
}

const touches = (a: Entry, b: Entry): boolean => overlaps(a.shape, b.shape)
const sharesAccess = (a: Entry, b: Entry): boolean => (a.reads && b.reads) || (a.writes && b.writes)
const sharesUsers = (a: Entry, b: Entry): boolean =>
  a.user === undefined || b.user === undefined || a.user === b.user

/** A deny that nothing after it would undo says what the default says. */
const isNeeded = (deny: Entry, entries: readonly Entry[]): boolean =>
  entries.some(
    (entry) =>
      entry.effect === 'allow' &&
      entry.index > deny.index &&
      sharesAccess(deny, entry) &&
      sharesUsers(deny, entry) &&
      touches(deny, entry),
  )

/** The denies for everybody that stand before an allow of this user which they touch. */
function formerDenies(user: User, entries: readonly Entry[]): Entry[] {
  const allows = entries.filter((entry) => entry.user === user && entry.effect === 'allow')
  return entries.filter(
    (deny) =>
      deny.user === undefined &&
      deny.effect === 'deny' &&
      allows.some((allow) => allow.index > deny.index && sharesAccess(deny, allow) && touches(deny, allow)),
  )
}

function linesOfUser(user: User, entries: readonly Entry[], former: readonly Entry[]): Entry[] {
  const repeated = former.map((deny) => ({
    ...deny,
    topic: deny.broad,
    label: `${deny.label}, repeated`,
  }))
  return [...repeated, ...entries.filter((entry) => entry.user === user)]
}

function linesOf(entries: readonly Entry[], keyword: 'topic' | 'pattern'): string {
  return entries
    .map((entry) => {
      const access =
        entry.effect === 'deny' ? 'deny' : entry.reads ? (entry.writes ? 'readwrite' : 'read') : 'write'
      return `# ${entry.label.replaceAll(/[\r\n]/g, ' ')}\n${keyword} ${access} ${entry.topic}\n`
    })
    .join('')
}

/** Rules that a note names, before it only counts them. */
const NAMED = 3

/** Where Mosquitto's order, and its deny for reading and writing alike, differ from the list. */
function noteOrder(entries: readonly Entry[], former: FormerDenies, notes: FormatNote[]): void {
  for (const deny of entries.filter(({ effect }) => effect === 'deny')) {
    const lost = new Map<string, string[]>()
    for (const allow of entries) {
      if (allow.effect !== 'allow' || !sharesUsers(deny, allow) || !touches(deny, allow)) continue
      const loss = lossOf(deny, allow, former)
      if (loss !== undefined) lost.set(loss, [...(lost.get(loss) ?? []), allow.label])
    }
    for (const [loss, labels] of lost) {
      const more = labels.length > NAMED ? ` and ${labels.length - NAMED} more` : ''
      const text = `${deny.label}: ${loss} ${labels.slice(0, NAMED).join(', ')}${more}.`
      notes.push({ effect: 'narrower', index: deny.index, text })
    }
  }
}

/** What a deny does to an allow that the list does not mean, as the beginning of a sentence that names the allow. */
function lossOf(deny: Entry, allow: Entry, former: FormerDenies): string | undefined {
  // The lines of a user are asked before the patterns, so that only a repeated deny can be in the way.
  const crosses = deny.user === undefined && allow.user !== undefined
  if (crosses && !former.get(allow.user)?.has(deny)) return undefined
  if (allow.index < deny.index) return 'Mosquitto asks denies first, so it also takes away from the earlier'
  if (!coversAccess(deny, allow)) return 'a deny is for reading and writing, so it also takes away from'
  if (crosses && deny.broad !== deny.topic) return 'it has + for its placeholder where it takes away from'
  return undefined
}

const coversAccess = (deny: Entry, allow: Entry): boolean =>
  (deny.reads || !allow.reads) && (deny.writes || !allow.writes)

function addGeneralNotes(entries: readonly Entry[], notes: FormatNote[]): void {
  if (entries.some(({ user, topic }) => user === undefined && /%[uc]/.test(topic)))
    notes.push({
      effect: 'wider',
      text: 'Mosquitto fills %u and %c with any value that has no + or #, also one that holds / or is empty, or begins with $.',
    })
  if (entries.some(({ reads }) => reads))
    notes.push({
      effect: 'different',
      text: 'Mosquitto grants every subscription, and holds back the messages that may not be read.',
    })
}
