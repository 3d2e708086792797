/**
 * The JSON form of an access list: strict on reading, so that a misspelt condition is never a missing one;
 * stable on writing (fixed order of keys, two spaces), so that a difference shows what was edited.
 */
import { hasHostBits, parseNetwork } from './network.ts'
import { ACL_LIMITS, type AclList, type AclRule, type Who } from './model.ts'
import { regexFault } from './pattern.ts'
import { templateFault } from './template.ts'

/** Version of the form, for files of later versions of the bench. */
const FORMAT = 1

export interface AclError {
  /** Place of the rule in the list, from 0; absent for the list itself. */
  readonly index?: number
  /** Its ID, where it has one that can be read. */
  readonly rule?: string
  /** `who.network`, `topic`; empty for the whole. */
  readonly field: string
  /** A sentence: what is wrong and what would be right. */
  readonly text: string
}

export type AclResult =
  { readonly ok: true; readonly list: AclList } | { readonly ok: false; readonly errors: readonly AclError[] }

/** Reads the JSON text of a list. */
export function parseAcl(json: string): AclResult {
  if (json.length > ACL_LIMITS.text) return refuse(`The list is longer than ${ACL_LIMITS.text} characters.`)
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    return refuse(`The list is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  return checkAcl(value)
}

const refuse = (text: string): AclResult => ({ ok: false, errors: [{ field: '', text }] })

/** Checks a list that came as a value, e.g. over the contract. Every error is told, not only the first. */
export function checkAcl(value: unknown): AclResult {
  const errors: AclError[] = []
  const at = new Place(errors, '')
  const fields = at.object(value, ['format', 'version', 'rules'])
  if (fields === undefined) return { ok: false, errors }
  if (fields['format'] !== FORMAT)
    at.in('format').fault(`must be ${FORMAT}: this list was made by another version of the bench`)
  const version = at.in('version').integer(fields['version'], 0, Number.MAX_SAFE_INTEGER)
  const rules: AclRule[] = []
  const found = fields['rules']
  if (!Array.isArray(found)) at.in('rules').fault('must be a list')
  else if (found.length > ACL_LIMITS.rules)
    at.in('rules').fault(`holds ${found.length} rules, and ${ACL_LIMITS.rules} is the most`)
  else rules.push(...checkRules(found, errors))
  return errors.length > 0 ? { ok: false, errors } : { ok: true, list: { version: version!, rules } }
}

function checkRules(values: readonly unknown[], errors: AclError[]): AclRule[] {
  const ids = new Map<string, number>()
  return values.flatMap((value, index) => {
    const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
    const place = new Place(errors, '', index, typeof id === 'string' ? id : undefined)
    const rule = checkRule(value, place)
    if (rule === undefined) return []
    const twin = ids.get(rule.id)
    if (twin !== undefined) place.in('id').fault(`is that of rule ${twin + 1}, too: each needs its own`)
    ids.set(rule.id, index)
    return [rule]
  })
}

const RULE_FIELDS = ['id', 'name', 'note', 'effect', 'action', 'topic', 'who', 'qos', 'retain', 'enabled']

/** The rule, or `undefined` when it has errors, which are then told. Its keys come in the order of the form. */
function checkRule(value: unknown, at: Place): AclRule | undefined {
  const fields = at.object(value, RULE_FIELDS)
  if (fields === undefined) return undefined
  const before = at.errors.length
  const effect = at.in('effect').oneOf(fields['effect'], ['allow', 'deny'])
  const action = at.in('action').oneOf(fields['action'], ['publish', 'subscribe', 'both'])
  const rule = {
    id: at.in('id').text(fields['id'], 1, ACL_LIMITS.id),
    name: at.in('name').text(fields['name'], 1, ACL_LIMITS.name),
    note: fields['note'] === undefined ? undefined : at.in('note').text(fields['note'], 0, ACL_LIMITS.note),
    effect,
    action,
    topic: checkTopic(fields['topic'], at.in('topic')),
    who: checkWho(fields['who'], at.in('who')),
    qos: fields['qos'] === undefined ? undefined : checkQos(fields['qos'], at.in('qos')),
    retain: fields['retain'] === undefined ? undefined : at.in('retain').boolean(fields['retain']),
    enabled: at.in('enabled').boolean(fields['enabled']),
  }
  if (rule.retain !== undefined && action === 'subscribe')
    at.in('retain').fault('is of messages: leave it out in a rule about subscribing')
  return at.errors.length > before ? undefined : (withoutAbsent(rule) as unknown as AclRule)
}

function checkTopic(value: unknown, at: Place): string | undefined {
  const topic = at.text(value, 1, 65_535)
  if (topic === undefined) return undefined
  const fault = templateFault(topic)
  if (fault !== undefined) at.fault(fault)
  return topic
}

const WHO_FIELDS = ['username', 'clientId', 'endpointId', 'network', 'listener']

function checkWho(value: unknown, at: Place): Who | undefined {
  const fields = at.object(value, WHO_FIELDS)
  if (fields === undefined) return undefined
  const optional = (name: string, check: (value: unknown, at: Place) => unknown): unknown =>
    fields[name] === undefined ? undefined : check(fields[name], at.in(name))
  return withoutAbsent({
    username: optional('username', (username, place) => checkPattern(username, place, true)),
    clientId: optional('clientId', checkPattern),
    endpointId: optional('endpointId', checkPattern),
    network: optional('network', checkNetwork),
    listener: optional('listener', checkListener),
  }) as Who
}

function checkPattern(value: unknown, at: Place, mayBeNone = false): unknown {
  const kinds = mayBeNone ? ['exact', 'wildcard', 'regex', 'none'] : ['exact', 'wildcard', 'regex']
  const fields = at.object(value, kinds)
  if (fields === undefined) return undefined
  const [kind, ...more] = Object.keys(fields)
  if (kind === undefined || more.length > 0) {
    at.fault(`must have exactly one of ${kinds.join(', ')}`)
    return undefined
  }
  const place = at.in(kind)
  if (kind === 'none') {
    if (fields[kind] !== true) place.fault('must be true: leave it out to ask for nothing')
    return { none: true }
  }
  const text = place.text(fields[kind], kind === 'exact' ? 0 : 1, ACL_LIMITS.pattern)
  const fault = kind === 'regex' && text !== undefined ? regexFault(text) : undefined
  if (fault !== undefined) place.fault(fault)
  return { [kind]: text }
}

function checkNetwork(value: unknown, at: Place): string | undefined {
  const text = at.text(value, 1, 100)
  if (text === undefined) return undefined
  if (parseNetwork(text) === undefined)
    at.fault('is no IPv4 or IPv6 network: write it like 192.168.0.0/16 or fe80::/10')
  else if (hasHostBits(text)) at.fault('names an address beyond its prefix: clear its last bits')
  return text
}

function checkListener(value: unknown, at: Place): unknown {
  const fields = at.object(value, ['transport', 'port'])
  if (fields === undefined) return undefined
  const { transport, port } = fields
  if (transport === undefined && port === undefined) at.fault('must have a transport, a port or both')
  return withoutAbsent({
    transport:
      transport === undefined ? undefined : at.in('transport').oneOf(transport, ['tcp', 'tls', 'ws', 'wss']),
    port: port === undefined ? undefined : at.in('port').integer(port, 1, 65_535),
  })
}

function checkQos(value: unknown, at: Place): unknown {
  const fields = at.object(value, ['max', 'only'])
  if (fields === undefined) return undefined
  const { max, only } = fields
  if ((max === undefined) === (only === undefined)) at.fault('must have either max or only')
  if (max !== undefined) return { max: at.in('max').integer(max, 0, 2) }
  const place = at.in('only')
  if (!Array.isArray(only) || only.length === 0) {
    place.fault('must be a list of 0, 1 or 2 that is not empty')
    return undefined
  }
  const levels = only.map((level) => place.integer(level, 0, 2) ?? 0)
  if (levels.some((level, i) => i > 0 && level <= levels[i - 1]!)) place.fault('must ascend, each once')
  return { only: levels }
}

/** The JSON text of a list, with a line feed at its end. `parseAcl` reads it back as it was. */
export function formatAcl(list: AclList): string {
  const rules = list.rules.map((rule) => {
    const { id, name, note, effect, action, topic, who, qos, retain, enabled } = rule
    const { username, clientId, endpointId, network, listener } = who
    const { transport, port } = listener ?? {}
    const place = listener && { transport, port }
    const whole = { username, clientId, endpointId, network, listener: place }
    return { id, name, note, effect, action, topic, who: whole, qos, retain, enabled }
  })
  // What is undefined is left out by JSON itself.
  return `${JSON.stringify({ format: FORMAT, version: list.version, rules }, undefined, 2)}\n`
}

const withoutAbsent = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined))

/** A field of a rule, and where its errors go. Checks answer the value, or `undefined` once a fault was told. */
class Place {
  readonly errors: AclError[]
  readonly #path: string
  readonly #index: number | undefined
  readonly #rule: string | undefined

  constructor(errors: AclError[], path: string, index?: number, rule?: string) {
    this.errors = errors
    this.#path = path
    this.#index = index
    this.#rule = rule
  }

  in(field: string): Place {
    return new Place(
      this.errors,
      this.#path === '' ? field : `${this.#path}.${field}`,
      this.#index,
      this.#rule,
    )
  }

  /** `reason` is a phrase after the name of the field. */
  fault(reason: string): undefined {
    const rule =
      this.#index === undefined
        ? ''
        : `Rule ${this.#index + 1}${this.#rule === undefined ? '' : ` (${this.#rule})`}: `
    const text = `${rule}${this.#path || (rule ? 'it' : 'the list')} ${reason}.`
    this.errors.push({
      ...(this.#index !== undefined && { index: this.#index }),
      ...(this.#rule !== undefined && { rule: this.#rule }),
      field: this.#path,
      text,
    })
    return undefined
  }

  object(value: unknown, known: readonly string[]): Record<string, unknown> | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return this.fault('must be an object')
    const before = this.errors.length
    for (const key of Object.keys(value)) {
      if (!known.includes(key))
        this.in(key.slice(0, 100)).fault(`is not known here: there are ${known.join(', ')}`)
    }
    return this.errors.length > before ? undefined : { ...value }
  }

  text(value: unknown, min: number, max: number): string | undefined {
    if (typeof value !== 'string') return this.fault('must be a text')
    if (value.length < min) return this.fault('is empty')
    return value.length > max ? this.fault(`is longer than ${max} characters`) : value
  }

  integer(value: unknown, min: number, max: number): number | undefined {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
    return this.fault(`must be a whole number from ${min} to ${max}`)
  }

  boolean(value: unknown): boolean | undefined {
    return typeof value === 'boolean' ? value : this.fault('must be true or false')
  }

  oneOf<T extends string>(value: unknown, known: readonly T[]): T | undefined {
    const found = known.find((one) => one === value)
    return found ?? this.fault(`must be one of ${known.join(', ')}`)
  }
}
