/**
 * `credentials.xml` of HiveMQ's file RBAC extension: users have roles, roles have permissions, each permission
 * allows; what none allows is denied. Passwords in it are neither read nor written.
 */
import { overlaps, type FilterShape } from '../match.ts'
import {
  ACL_LIMITS,
  qosMask,
  ruleLabel,
  type AclList,
  type AclRule,
  type QosCondition,
  type Who,
} from '../model.ts'
import { preparePattern } from '../pattern.ts'
import { fillWith, prepareTemplate } from '../template.ts'
import {
  broadShape,
  Import,
  refused,
  TOO_LONG,
  type EndpointAs,
  type Exported,
  type FormatNote,
  type Imported,
} from './report.ts'
import { encodeXml, parseXml, XmlError, type Element } from './xml.ts'

const ACTIVITY: Readonly<Record<string, AclRule['action']>> = {
  PUBLISH: 'publish',
  SUBSCRIBE: 'subscribe',
  ALL: 'both',
}
const QOS: Readonly<Record<string, QosCondition>> = {
  ZERO: { only: [0] },
  ONE: { only: [1] },
  TWO: { only: [2] },
  ZERO_ONE: { only: [0, 1] },
  ONE_TWO: { only: [1, 2] },
  ZERO_TWO: { only: [0, 2] },
  ALL: { only: [0, 1, 2] },
}
const RETAIN: Readonly<Record<string, boolean | undefined>> = {
  RETAINED: true,
  NOT_RETAINED: false,
  ALL: undefined,
}

const children = (element: Element | undefined, name: string): readonly Element[] =>
  element?.children.filter((child) => child.name === name) ?? []
const child = (element: Element | undefined, name: string): Element | undefined => children(element, name)[0]

/** A name from a file must not find what every object has. */
const lookUp = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

export function importHivemq(text: string): Imported {
  if (text.length > ACL_LIMITS.file) return refused(TOO_LONG)
  let root: Element
  try {
    root = parseXml(text)
  } catch (error) {
    if (error instanceof XmlError) return refused(error.message, error.line)
    throw error
  }
  if (root.name !== 'file-rbac')
    return refused(`The outermost element is ${root.name}, not file-rbac.`, root.line)
  const into = new Import('hivemq')
  const roles = new Map(
    children(child(root, 'roles'), 'role').map((role) => [child(role, 'id')?.text ?? '', role]),
  )
  const used = new Set<string>()
  for (const user of children(child(root, 'users'), 'user')) {
    if (into.overflowed) break
    const name = child(user, 'name')?.text ?? ''
    if (name === '') into.note('error', 'A user has no name. HiveMQ does not take this file.', user.line)
    else for (const id of children(child(user, 'roles'), 'id')) addRole(name, id, roles.get(id.text), into)
    for (const { text: id } of children(child(user, 'roles'), 'id')) used.add(id)
  }
  for (const [id, { line }] of roles) {
    if (!used.has(id))
      into.note('different', `The role "${id}" is given to nobody, so it makes no rule.`, line)
  }
  into.note('different', 'Passwords are not part of an access list: enter the users in the bench.')
  return into.result()
}

function addRole(
  username: string,
  { text: id, line }: Element,
  role: Element | undefined,
  into: Import,
): void {
  if (role === undefined)
    into.note('error', `There is no role "${id}". HiveMQ does not take this file.`, line)
  for (const permission of children(child(role, 'permissions'), 'permission'))
    if (!into.overflowed) addPermission(permission, username, id, into)
}

const FIELDS = ['topic', 'activity', 'qos', 'retain', 'shared-subscription', 'shared-group']

function addPermission(permission: Element, username: string, role: string, into: Import): void {
  const { line } = permission
  const value = (name: string): string => child(permission, name)?.text || 'ALL'
  const unknown = permission.children.find(({ name }) => !FIELDS.includes(name))
  const action = lookUp(ACTIVITY, value('activity'))
  const qos = lookUp(QOS, value('qos'))
  if (
    unknown !== undefined ||
    action === undefined ||
    qos === undefined ||
    !Object.hasOwn(RETAIN, value('retain'))
  ) {
    into.dropped(
      line,
      'allow',
      unknown ? `<${unknown.name}> is not known.` : 'Its activity, qos or retain is not known.',
    )
    return
  }
  const group = child(permission, 'shared-group')?.text ?? '#'
  if (action !== 'publish' && (value('shared-subscription') !== 'ALL' || group !== '#')) {
    into.dropped(line, 'allow', 'Shared and other subscriptions are not told apart here.')
    return
  }
  const retain = action === 'subscribe' ? undefined : RETAIN[value('retain')]
  const text = child(permission, 'topic')?.text ?? ''
  // The marks of the extension first: what then still looks like one of ours was meant as it is.
  const marks = { '${{username}}': '${username}', '${{clientid}}': '${clientid}' } as const
  if (text.replaceAll(/\$\{\{(?:username|clientid)\}\}/g, '').includes('${')) {
    into.dropped(line, 'allow', 'Its topic holds ${, which would be taken for a placeholder here.')
    return
  }
  const topic = text.replaceAll(
    /\$\{\{(?:username|clientid)\}\}/g,
    (mark) => marks[mark as keyof typeof marks],
  )
  into.rule(line, {
    name: `${username}, ${role}: ${topic}`,
    effect: 'allow',
    action,
    topic,
    who: { username: { exact: username } },
    ...(qosMask(qos) !== 0b111 && { qos }),
    ...(retain !== undefined && { retain }),
  })
}

export interface HivemqOptions {
  /** User names that rules for everybody are given to: HiveMQ admits no others. Names in rules come by themselves. */
  readonly users: readonly string[]
  readonly endpointAs?: EndpointAs
}

/**
 * The file has an empty password for every user, and HiveMQ does not take it before they are filled in: better
 * than a password that everybody could read here.
 */
export function exportHivemq(list: AclList, options: HivemqOptions): Exported {
  const notes: FormatNote[] = []
  const shapes = list.rules.map(({ topic }) => broadShape(topic))
  const own = new Map<string, string[]>()
  const everybody: string[] = []
  const named = list.rules.flatMap(({ who: { username } }) =>
    username && 'exact' in username ? [username.exact] : [],
  )
  const admitted = [...new Set([...options.users, ...named])]
  const passed = new Set<number>()
  /** Only users of the file are admitted, so a deny that is for none of them takes nothing away. */
  const meets = (deny: number, allow: AclRule): boolean => {
    const { username } = allow.who
    const met = username && 'exact' in username ? [username.exact] : admitted
    const { who } = list.rules[deny]!
    if (met.some((user) => isFor(who, user, options))) return true
    passed.add(deny)
    return false
  }
  for (const [index, rule] of list.rules.entries()) {
    if (!rule.enabled || rule.effect === 'deny') continue
    const loss = lossOf(rule, options) ?? denyLoss(index, list, shapes, meets)
    if (loss !== undefined) {
      const text = `${ruleLabel(index, rule)}: ${loss} This allow rule is left out.`
      notes.push({ effect: 'narrower', index, text })
      continue
    }
    const permission = permissionXml(rule, options)
    const { username } = rule.who
    if (username === undefined || !('exact' in username)) everybody.push(permission)
    else own.set(username.exact, [...(own.get(username.exact) ?? []), permission])
  }
  if ([...everybody, ...own.values()].flat().some((permission) => permission.includes('${{')))
    notes.push({
      effect: 'wider',
      text: 'HiveMQ fills placeholders with any value that has no + or #, also one that holds / or begins with $.',
    })
  for (const index of [...passed].sort((a, b) => a - b))
    notes.push({
      effect: 'wider',
      index,
      text: `${ruleLabel(index, list.rules[index]!)} is for no user of this file, and is left out: do not add one that it is for.`,
    })
  const users = [...new Set([...options.users, ...own.keys()])].filter(isXmlText)
  if (users.length === 0)
    notes.push({ effect: 'error', text: 'There is no user: HiveMQ does not take a file without one.' })
  else
    notes.push({
      effect: 'error',
      text: 'Fill in the passwords: HiveMQ does not take the file with empty ones.',
    })
  const rolesOf = (user: string): string[] => [
    ...(own.has(user) ? [`own-${users.indexOf(user) + 1}`] : []),
    ...(everybody.length > 0 ? ['everybody'] : []),
  ]
  const usersXml = users.flatMap((user) => {
    const roles = rolesOf(user)
    if (roles.length === 0)
      notes.push({ effect: 'narrower', text: `${user} may do nothing, and is left out.` })
    return roles.length === 0 ? [] : [userXml(user, roles)]
  })
  const rolesXml = [...own].map(([user, permissions]) =>
    roleXml(`own-${users.indexOf(user) + 1}`, permissions),
  )
  if (everybody.length > 0) rolesXml.push(roleXml('everybody', everybody))
  const text = `${HEAD}<file-rbac>\n  <users>\n${usersXml.join('')}  </users>\n  <roles>\n${rolesXml.join('')}  </roles>\n</file-rbac>\n`
  return { text, notes }
}

const HEAD = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<!-- Written by Oktobench. Every password is to be filled in. -->
`

/** Texts are trimmed when read, and XML has no control characters. */
const isXmlText = (text: string): boolean => text !== '' && text === text.trim() && !/\p{Cc}/u.test(text)

/** Why a rule cannot be said. */
function lossOf(rule: AclRule, { endpointAs }: HivemqOptions): string | undefined {
  const { username, ...others } = rule.who
  if (Object.keys(others).length > 0 || (username !== undefined && !('exact' in username)))
    return 'HiveMQ knows rules for single user names only.'
  if (prepareTemplate(rule.topic).placeholders.includes('endpoint') && endpointAs === undefined)
    return 'HiveMQ does not know ${endpoint} (choose what stands for it).'
  if (username !== undefined && 'exact' in username && !isXmlText(username.exact))
    return 'HiveMQ cannot be given this user name.'
  if (rule.topic !== rule.topic.trim() || /[\p{Cc}§]/u.test(rule.topic))
    return 'HiveMQ cannot be given this topic.'
  return undefined
}

/** The deny before a rule that takes away from it, which nothing in HiveMQ would. */
function denyLoss(
  index: number,
  { rules }: AclList,
  shapes: readonly FilterShape[],
  meets: (deny: number, allow: AclRule) => boolean,
): string | undefined {
  const allow = rules[index]!
  const deny = rules.findIndex(
    (rule, i) =>
      i < index &&
      rule.enabled &&
      rule.effect === 'deny' &&
      mayBeAsked(rule, allow) &&
      overlaps(shapes[i]!, shapes[index]!) &&
      meets(i, allow),
  )
  if (deny < 0) return undefined
  return `${ruleLabel(deny, rules[deny]!)} takes away from it, and HiveMQ has no rules that deny.`
}

/** Can a rule be for a user, as far as its user name and what stands for the endpoint ID tell? */
function isFor({ username, endpointId }: Who, user: string, { endpointAs }: HivemqOptions): boolean {
  if (username && ('none' in username || preparePattern(username)(user) === 'no')) return false
  return !(endpointId && endpointAs === 'username' && preparePattern(endpointId)(user) === 'no')
}

/** Can a question be one of both rules, but for its topic? */
function mayBeAsked(deny: AclRule, allow: AclRule): boolean {
  if (deny.action !== 'both' && allow.action !== 'both' && deny.action !== allow.action) return false
  const [one, other] = [deny.who.username, allow.who.username]
  return !(one && other && 'exact' in one && 'exact' in other && one.exact !== other.exact)
}

function permissionXml({ topic, action, qos, retain }: AclRule, { endpointAs }: HivemqOptions): string {
  const text = fillWith(prepareTemplate(topic), (name) => `\${{${name === 'endpoint' ? endpointAs! : name}}}`)
  const nameOf = <T>(table: Readonly<Record<string, T>>, is: (value: T) => boolean): string =>
    Object.entries(table).find(([, value]) => is(value))?.[0] ?? 'ALL'
  const fields = {
    topic: encodeXml(text),
    activity: nameOf(ACTIVITY, (value) => value === action),
    qos: nameOf(QOS, (value) => qosMask(value) === qosMask(qos)),
    retain: nameOf(RETAIN, (value) => value === retain),
  }
  const lines = Object.entries(fields).map(([name, value]) => `          <${name}>${value}</${name}>\n`)
  return `        <permission>\n${lines.join('')}        </permission>\n`
}

const roleXml = (id: string, permissions: readonly string[]): string =>
  `    <role>\n      <id>${id}</id>\n      <permissions>\n${permissions.join('')}      </permissions>\n    </role>\n`

function userXml(name: string, roles: readonly string[]): string {
  const ids = roles.map((id) => `        <id>${id}</id>\n`).join('')
  return `    <user>\n      <name>${encodeXml(name)}</name>\n      <password></password>\n      <roles>\n${ids}      </roles>\n    </user>\n`
}
