/**
 * What a list decides, written a second time: word for word after what `evaluate.ts` promises, by trying every
 * topic of the small world, and with no thought of speed.
 */
import { isIPv6, BlockList } from 'node:net'
import type { AclList, AclRule, Effect, Question, Subject, TextPattern } from '../../../shared/acl/model.ts'
import { takes, topicsUnder } from './arbitrary.ts'

type Answer = 'yes' | 'no' | 'unknown'

export interface ByTheBook {
  readonly verdict: Effect
  readonly index: number | undefined
}

export function decideByTheBook(list: AclList, question: Question): ByTheBook {
  const index = list.rules.findIndex((rule) => matches(rule, question))
  return index < 0 ? { verdict: 'deny', index: undefined } : { verdict: list.rules[index]!.effect, index }
}

function matches(rule: AclRule, { action, topic, who, qos, retain }: Question): boolean {
  if (!rule.enabled) return false
  if (rule.action !== 'both' && rule.action !== action) return false
  if (rule.qos && !('max' in rule.qos ? qos <= rule.qos.max : rule.qos.only.includes(qos))) return false
  if (action === 'publish' && rule.retain !== undefined && rule.retain !== retain) return false
  const people = peopleOf(rule, who)
  if (people.includes('no') || (rule.effect === 'allow' && people.includes('unknown'))) return false
  const takesOne = topicTest(rule, who)
  if (takesOne === undefined) return false
  if (action === 'publish') return takesOne(topic)
  const asked = topicsUnder(topic)
  return rule.effect === 'allow' ? asked.every(takesOne) : asked.some(takesOne)
}

function peopleOf({ who }: AclRule, is: Subject): Answer[] {
  const answers: Answer[] = []
  const { username, clientId, endpointId, network, listener } = who
  if (username && 'none' in username) answers.push(is.username === undefined ? 'yes' : 'no')
  else if (username) answers.push(is.username === undefined ? 'no' : text(username, is.username))
  if (clientId) answers.push(text(clientId, is.clientId))
  if (endpointId) answers.push(text(endpointId, is.endpointId))
  if (network !== undefined) answers.push(inNetwork(network, is.address))
  if (listener && is.listener === undefined) answers.push('unknown')
  else if (listener)
    answers.push(
      Object.entries(listener).every(([key, value]) => is.listener![key as 'port'] === value) ? 'yes' : 'no',
    )
  return answers
}

function text(pattern: TextPattern, value: string): Answer {
  if ('exact' in pattern) return value === pattern.exact ? 'yes' : 'no'
  if ('regex' in pattern && value.length > 256) return 'unknown'
  const source =
    'regex' in pattern
      ? pattern.regex
      : `^${pattern.wildcard.replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`
  return new RegExp(source).test(value) ? 'yes' : 'no'
}

function inNetwork(network: string, address: string | undefined): Answer {
  if (address === undefined) return 'unknown'
  const plain = address.replace('::ffff:', '').replace(/%.*/, '')
  const [base = '', prefix] = network.split('/')
  if (isIPv6(base) !== isIPv6(plain)) return 'no'
  const list = new BlockList()
  list.addSubnet(base, Number(prefix), isIPv6(base) ? 'ipv6' : 'ipv4')
  return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4') ? 'yes' : 'no'
}

/** `undefined`: the rule does not match whatever the topic. */
function topicTest(rule: AclRule, who: Subject): ((topic: string) => boolean) | undefined {
  const values = { username: who.username, clientid: who.clientId, endpoint: who.endpointId }
  const levels = rule.topic.split('/')
  for (const [i, level] of levels.entries()) {
    for (const [name, value] of Object.entries(values)) {
      const mark = `\${${name}}`
      if (!level.includes(mark)) continue
      const atStart = i === 0 && level.startsWith(mark)
      if (
        value === undefined ||
        value === '' ||
        /[/+#\0]/.test(value) ||
        (atStart && value.startsWith('$'))
      ) {
        if (rule.effect === 'allow') return undefined
        if (i === 0) return () => true
        const front = [...levels.slice(0, i), '#'].join('/')
        return (topic) => takes(front, topic)
      }
      levels[i] = level.replaceAll(mark, () => value)
    }
  }
  const filter = levels.join('/')
  return (topic) => takes(filter, topic)
}
