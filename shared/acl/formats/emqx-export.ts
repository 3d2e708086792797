/** An access list as `acl.conf` of EMQX 5 (5.1.1 and later, for QoS and retain); see `emqx.ts`. */
import { qosMask, QOS_LEVELS, ruleLabel, type AclList, type AclRule, type TextPattern } from '../model.ts'
import { fillWith, prepareTemplate } from '../template.ts'
import { erlangString } from './erlang.ts'
import { lossNote, type EndpointAs, type Exported, type FormatNote } from './report.ts'

export interface EmqxOptions {
  /** Without it, rules that speak of endpoint IDs do not translate. */
  readonly endpointAs?: EndpointAs
}

export function exportEmqx(list: AclList, options: EmqxOptions = {}): Exported {
  const notes: FormatNote[] = []
  const lines = list.rules.flatMap((rule, index) => {
    if (!rule.enabled) return []
    const label = ruleLabel(index, rule)
    const losses: string[] = []
    const who = whoTerm(rule, options, losses)
    const lostWho = losses.length > 0
    const topic = topicText(rule, options, losses)
    if (losses.length > 0) {
      const { note, stays } = lossNote(list, index, 'EMQX', losses, lostWho)
      notes.push(note)
      if (!stays) return []
    }
    const comment = `%% ${label.replaceAll(/[\r\n]/g, ' ')}`
    return [`${comment}\n{${rule.effect}, ${who}, ${actionTerm(rule)}, [${erlangString(topic)}]}.\n`]
  })
  addGeneralNotes(list, notes)
  return { text: `${HEAD}\n${lines.join('\n')}\n{deny, all}.\n`, notes }
}

const HEAD = `%% Written by Oktobench. Set authorization.no_match = deny, too.
`

function addGeneralNotes({ rules }: AclList, notes: FormatNote[]): void {
  const used = rules.filter(({ enabled }) => enabled)
  if (used.some(({ effect, topic }) => effect === 'allow' && /^[+#]|^\$\{/.test(topic)))
    notes.push({
      effect: 'wider',
      text: 'In EMQX before 5.8.4 an allow rule whose topic begins with + or # is about topics that begin with $, too: deny $SYS/# before it.',
    })
  if (used.some(({ action }) => action !== 'publish'))
    notes.push({
      effect: 'wider',
      text:
        'EMQX compares the filter of a subscription with that of a rule as if it were a topic: an allow rule for a/+ grants ' +
        'a subscription to a/#, and a deny rule for a/b does not stop one to a/#.',
    })
  if (used.some(({ topic }) => prepareTemplate(topic).placeholders.length > 0))
    notes.push({
      effect: 'wider',
      text: 'EMQX without authorization.topic_template_allow fills placeholders with any value: refuse user names and client IDs with /, + or #.',
    })
}

/** The Erlang term of the conditions; what it cannot say goes to `losses`, and the rest stands. */
function whoTerm({ who }: AclRule, { endpointAs }: EmqxOptions, losses: string[]): string {
  const terms: string[] = []
  const { username, clientId, endpointId, network, listener } = who
  if (username !== undefined && 'none' in username) losses.push('clients without a user name')
  else if (username !== undefined) terms.push(patternTerm('username', username, losses))
  if (clientId !== undefined) terms.push(patternTerm('clientid', clientId, losses))
  if (endpointId !== undefined && endpointAs === undefined)
    losses.push('endpoint IDs (choose what stands for them)')
  else if (endpointId !== undefined) terms.push(patternTerm(endpointAs!, endpointId, losses))
  if (network !== undefined) terms.push(`{ipaddr, ${erlangString(network)}}`)
  if (listener !== undefined) losses.push('listeners by transport or port')
  if (terms.length < 2) return terms[0] ?? 'all'
  return `{'and', [${terms.join(', ')}]}`
}

function patternTerm(field: 'username' | 'clientid', pattern: TextPattern, losses: string[]): string {
  if ('exact' in pattern) return `{${field}, ${erlangString(pattern.exact)}}`
  const source = 'regex' in pattern ? pattern.regex : wildcardSource(pattern.wildcard)
  // Escapes that EMQX's regular expressions do not know, or read otherwise.
  if (!/\\[upPc]/.test(source)) return `{${field}, {re, ${erlangString(source)}}}`
  losses.push('regular expressions with \\u, \\p or \\c')
  return 'all'
}

const wildcardSource = (wildcard: string): string =>
  `^${wildcard
    .split('')
    .map((one) =>
      one === '*' ? '[\\s\\S]*' : one === '?' ? '[\\s\\S]' : one.replace(/[\\^$.|+()[\]{}]/, '\\$&'),
    )
    .join('')}$`

function actionTerm({ action, qos, retain }: AclRule): string {
  const name = action === 'both' ? 'all' : action
  const options: string[] = []
  const mask = qosMask(qos)
  if (mask !== 0b111) options.push(`{qos, [${QOS_LEVELS.filter((level) => mask & (1 << level)).join(', ')}]}`)
  if (retain !== undefined) options.push(`{retain, ${retain}}`)
  return options.length === 0 ? name : `{${name}, [${options.join(', ')}]}`
}

function topicText({ topic }: AclRule, { endpointAs }: EmqxOptions, losses: string[]): string {
  const template = prepareTemplate(topic)
  if (template.placeholders.includes('endpoint') && endpointAs === undefined) {
    losses.push('${endpoint} (choose what stands for it)')
    const levels = topic.split('/')
    return [
      ...levels.slice(
        0,
        levels.findIndex((level) => level.includes('${endpoint}')),
      ),
      '#',
    ].join('/')
  }
  const text = fillWith(template, (name) => `\${${name === 'endpoint' ? endpointAs! : name}}`)
  if (text.startsWith('eq ')) losses.push('a topic that begins with "eq "')
  return text
}
