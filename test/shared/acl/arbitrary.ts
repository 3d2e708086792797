/** A small world in which everything can be tried: topics and filters of few levels, rules and clients over them. */
import fc from 'fast-check'
import type { AclList, AclRule, Qos, Question, Subject, TextPattern, Who } from '../../../shared/acl/model.ts'

/** `z` stands for every name that no filter has, `az` for what `a${endpoint}` becomes. */
const NAMES = ['', 'a', 'b', '$s', 'z', 'az']

const combine = (levels: readonly string[], depth: number): string[][] =>
  depth === 0 ? [[]] : combine(levels, depth - 1).flatMap((front) => levels.map((level) => [...front, level]))

const upTo = (levels: readonly string[], depth: number): string[] =>
  Array.from({ length: depth }, (_, i) => combine(levels, i + 1))
    .flat()
    .map((found) => found.join('/'))
    .filter((text) => text !== '')

/** One level deeper than the filters, for what `#` takes. */
export const TOPICS = upTo(NAMES, 4)
export const FILTERS = [
  '#',
  ...upTo(['', 'a', 'b', '$s', '+'], 3),
  ...upTo(['', 'a', '$s', '+'], 2).map((filter) => `${filter}/#`),
  // The one filter that begins with an empty level which `upTo` leaves out.
  '/#',
].filter((filter, i, all) => all.indexOf(filter) === i)

/** Written level by level, unlike what it checks. */
export function takes(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false
  const wanted = filter.split('/')
  const found = topic.split('/')
  const all = wanted.at(-1) === '#'
  if (all) wanted.pop()
  if (all ? found.length < wanted.length : found.length !== wanted.length) return false
  return wanted.every((one, index) => one === '+' || one === found[index])
}

const under = new Map<string, readonly string[]>()

/** Every topic of the small world that falls under the filter. */
export function topicsUnder(filter: string): readonly string[] {
  const known = under.get(filter) ?? TOPICS.filter((topic) => takes(filter, topic))
  under.set(filter, known)
  return known
}

/** What names a client may have: some fit into a topic, some must not. */
const ODD = ['', 'a/b', '+', '#', 'a#', '$s', 'a\0', 'a', 'b', 'z']
export const subject: fc.Arbitrary<Subject> = fc.record({
  username: fc.constantFrom(undefined, ...ODD),
  clientId: fc.constantFrom(...ODD),
  // Filled in, they must stay within the small world; the last is too long for a regular expression.
  endpointId: fc.constantFrom('', 'a/b', '+', '#', 'a\0', 'z', 'z', 'z'.repeat(300) + '/'),
  address: fc.constantFrom(undefined, '10.1.2.3', '192.168.0.7', 'fe80::1%eth0', '::ffff:10.9.9.9'),
  listener: fc.constantFrom(undefined, { transport: 'tcp', port: 1883 }, { transport: 'tls', port: 8883 }),
})

export const plainSubject: Subject = {
  username: 'a',
  clientId: 'b',
  endpointId: 'z',
  address: '10.1.2.3',
  listener: { transport: 'tcp', port: 1883 },
}

const pattern: fc.Arbitrary<TextPattern> = fc.constantFrom<TextPattern>(
  { exact: 'a' },
  { exact: 'z' },
  { wildcard: '*' },
  { wildcard: '?' },
  { wildcard: 'a*' },
  { regex: '^[ab]$' },
  { regex: 'z' },
)

const without = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 4 })

const who: fc.Arbitrary<Who> = fc
  .record({
    username: sometimes(fc.oneof(pattern, fc.constant({ none: true } as const))),
    clientId: sometimes(pattern),
    endpointId: sometimes(pattern),
    network: sometimes(fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '0.0.0.0/0', 'fe80::/10')),
    listener: sometimes(
      fc.constantFrom({ transport: 'tcp' } as const, { port: 1883 }, {
        transport: 'tls',
        port: 8883,
      } as const),
    ),
  })
  .map((value) => without(value) as Who)

const level = fc.constantFrom(
  'a',
  'b',
  '+',
  '',
  '$s',
  '${username}',
  '${clientid}',
  '${endpoint}',
  'a${endpoint}',
)
export const ruleTopic = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'))
  .map((topic) => topic || '#')

export const rule: fc.Arbitrary<Omit<AclRule, 'id'>> = fc
  .record({
    name: fc.constantFrom('one', 'other'),
    effect: fc.constantFrom('allow', 'deny'),
    action: fc.constantFrom('publish', 'subscribe', 'both'),
    topic: fc.oneof(fc.constantFrom('#', 'a/#', '+/a'), ruleTopic),
    who,
    qos: fc.option(fc.constantFrom({ max: 0 }, { max: 1 }, { only: [0, 2] }, { only: [1] }), {
      nil: undefined,
      freq: 4,
    }),
    retain: sometimes(fc.boolean()),
    enabled: fc.constantFrom(true, true, true, false),
  })
  .map(
    (value) =>
      without({ ...value, retain: value.action === 'subscribe' ? undefined : value.retain }) as AclRule,
  )

export const listOf = (rules: fc.Arbitrary<Omit<AclRule, 'id'>>, maxLength = 5): fc.Arbitrary<AclList> =>
  fc
    .array(rules, { maxLength })
    .map((found) => ({ version: 1, rules: found.map((one, i) => ({ id: `r${i}`, ...one }) as AclRule) }))

export const acl = listOf(rule)

const qos: fc.Arbitrary<Qos> = fc.constantFrom(0, 1, 2)
export const question: fc.Arbitrary<Question> = fc
  .record({
    action: fc.constantFrom('publish', 'subscribe'),
    name: fc.constantFrom(...TOPICS),
    filter: fc.constantFrom(...FILTERS),
    who: subject,
    qos,
    retain: fc.boolean(),
  })
  .map(({ name, filter, action, retain, ...rest }) => ({
    ...rest,
    action: action as Question['action'],
    topic: action === 'publish' ? name : filter,
    retain: action === 'publish' && retain,
  }))
